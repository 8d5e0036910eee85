import { Type, Uuid } from './building-blocks.js';
import { ContractViolation } from './contract-violation.js';
import { defineEvent } from './contract.js';
import { newId } from './ids.js';
import { MAX_MESSAGE_BYTES, parseType, seal } from './message.js';

const Opened = defineEvent('accounts.account-opened', 1, Type.Object({ accountId: Uuid }), { key: 'accountId' });
const time = new Date('2026-01-02T03:04:05.678Z');

describe('seal', () => {
  it('makes a CloudEvent that correlates with itself when nothing set it off', () => {
    const data = { accountId: newId() };
    const message = seal(Opened.of(data), { source: 'accounts', time });
    expect(message).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      source: 'accounts',
      type: 'accounts.account-opened.v1',
      subject: data.accountId,
      time: '2026-01-02T03:04:05.678Z',
      datacontenttype: 'application/json',
      dataschema: '/asyncapi.json#/components/schemas/accounts.account-opened.v1',
      correlationid: message.id,
      data,
    });
  });

  it('carries what surrounds it', () => {
    const dueAt = new Date('2027-01-01T00:00:00Z');
    const around = {
      traceparent: '00-a-b-01',
      correlationId: 'c',
      causationId: 'm',
      principal: { sub: 'p', roles: ['r'] },
      dueAt,
    };
    expect(seal(Opened.of({ accountId: newId() }), { source: 'accounts', time, ...around })).toMatchObject({
      traceparent: '00-a-b-01',
      correlationid: 'c',
      causationid: 'm',
      principal: { sub: 'p', roles: ['r'] },
      dueat: '2027-01-01T00:00:00.000Z',
    });
  });

  it('refuses data that do not fit', () => {
    expect(() => seal(Opened.of({ accountId: 'x' }), { source: 'accounts', time })).toThrow(ContractViolation);
  });

  const due = (dueAt: Date) => () => seal(Opened.of({ accountId: newId() }), { source: 'accounts', time, dueAt });

  it.each(['1970-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'])('takes what is due at %s', (at) => {
    expect(due(new Date(at))).not.toThrow();
  });

  it.each([new Date(-1), new Date(Date.UTC(10_000, 0)), new Date(8.64e15), new Date(Number.NaN)])(
    'refuses what is due at no moment that everybody can write: %p',
    (at) => expect(due(at)).toThrow(ContractViolation),
  );

  it('refuses what no broker would take, and says what to do instead', () => {
    const Noted = defineEvent('accounts.noted', 1, Type.Object({ id: Uuid, text: Type.String() }), { key: 'id' });
    const noted = (bytes: number) => {
      const empty = { id: newId(), text: '' };
      const text = 'é'.repeat((bytes - JSON.stringify(empty).length) / 2);
      return seal(Noted.of({ ...empty, text }), { source: 'accounts', time });
    };
    expect(noted(MAX_MESSAGE_BYTES).data.text.length).toBeGreaterThan(0);
    expect(() => noted(MAX_MESSAGE_BYTES + 2)).toThrow(
      /accounts\.noted\.v1.* must not exceed 524288: put what is large/,
    );
  });
});

describe('a key', () => {
  const Noted = defineEvent('accounts.noted', 1, Type.Object({ tag: Type.String() }), { key: 'tag' });
  const sealed = (length: number) => () => seal(Noted.of({ tag: 'x'.repeat(length) }), { source: 'accounts', time });

  it('is no longer than an inbox can take in', () => {
    expect(sealed(512)).not.toThrow();
    expect(sealed(513)).toThrow(/accounts\.noted\.v1.* key \("tag"\) of 513 characters and must not exceed 512/);
  });
});

describe('text', () => {
  const Noted = defineEvent('accounts.noted', 1, Type.Object({ note: Type.String() }), { key: 'note' });
  const sealed = (note: string) => () => seal(Noted.of({ note }), { source: 'accounts', time });

  it.each(['a\0b', 'half \uD83D', '\uDE00 half', '\\\0'])('that cannot be stored is refused: %j', (note) =>
    expect(sealed(note)).toThrow(ContractViolation),
  );
  it.each(['\\u0000', '😀', '\\ud800', '\n"'])('of any other kind is taken: %j', (note) =>
    expect(sealed(note)).not.toThrow(),
  );
});

describe('parseType', () => {
  it.each([
    ['accounts.account-opened.v12', { name: 'accounts.account-opened', version: 12 }],
    ['accounts.account-opened', undefined],
    ['accounts.account-opened.v', undefined],
    ['.v1', undefined],
    ['', undefined],
  ])('%s', (type, parsed) => expect(parseType(type)).toEqual(parsed));
});
