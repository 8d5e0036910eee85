import { Amount, Money, Code, Type, Uuid } from './building-blocks.js';
import { ContractViolation } from './contract-violation.js';
import { checker, defineCommand, defineEvent } from './contract.js';
import { newId } from './ids.js';

const Opened = defineEvent(
  'accounts.account-opened',
  2,
  Type.Object({ accountId: Uuid, limit: Money, note: Type.Optional(Type.String()) }),
  { key: 'accountId' },
);

function violationsOf(data: unknown): string[] {
  try {
    Opened.assert(data);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ContractViolation);
    return (error as ContractViolation).violations.map(({ path, rule }) => `${path} ${rule}`);
  }
}

describe('a contract', () => {
  const good = { accountId: newId(), limit: { amount: 1, currency: 'EUR' } };

  it('says who it is', () => {
    expect(Opened).toMatchObject({
      kind: 'event',
      context: 'accounts',
      type: 'accounts.account-opened.v2',
      key: 'accountId',
    });
    expect(Opened.keyOf(good)).toBe(good.accountId);
    expect(Opened.of(good)).toEqual({ contract: Opened, data: good });
  });

  it('lets unknown fields pass: a version only grows', () => {
    expect(violationsOf({ ...good, later: true, limit: { ...good.limit, later: 1 } })).toEqual([]);
  });

  it('names every fault with its place, and no value', () => {
    const found = violationsOf({ accountId: 'secret-value', limit: { amount: 1.5, currency: 'euro' } });
    expect(found).toEqual(
      expect.arrayContaining(['/accountId pattern', '/limit/amount type', '/limit/currency pattern']),
    );
    expect(() => Opened.assert({ ...good, accountId: 'secret-value' })).not.toThrow(/secret-value/);
  });

  it.each([undefined, null, 'text', [], 7])('refuses %p', (data) => expect(violationsOf(data)).not.toEqual([]));

  it.each(['Accounts.opened', 'accounts', 'accounts.', 'accounts.opened.twice', 'accounts opened', ''])(
    'refuses the name "%s"',
    (name) =>
      expect(() => defineEvent(name, 1, Type.Object({ id: Uuid }), { key: 'id' })).toThrow(/form <context>.<name>/),
  );

  it.each([0, -1, 1.5, Number.NaN])('refuses version %p', (version) =>
    expect(() => defineCommand('accounts.close', version, Type.Object({ id: Uuid }), { key: 'id' })).toThrow(
      /whole number/,
    ),
  );

  it('refuses a key that may be missing', () => {
    const schema = Type.Object({ id: Type.Optional(Uuid) });
    expect(() => defineEvent('accounts.opened', 1, schema, { key: 'id' })).toThrow(/not a required property/);
    expect(() => defineEvent('accounts.opened', 1, schema, { key: 'other' as 'id' })).toThrow(
      /not a required property/,
    );
  });

  it('refuses a schema that could not grow', () => {
    const closed = Type.Object({ id: Uuid }, { additionalProperties: false });
    expect(() => defineEvent('accounts.opened', 1, closed, { key: 'id' })).toThrow(/never grow/);
  });
});

describe('building blocks', () => {
  const fits = (schema: object, value: unknown) => {
    try {
      checker('block', Type.Object({ value: schema as typeof Uuid }))({ value });
      return true;
    } catch {
      return false;
    }
  };

  it.each([
    [Uuid, newId(), true],
    [Uuid, '01890a5d-ac96-774b-bcce-b302099a8057', true],
    [Uuid, '01890A5D-AC96-774B-BCCE-B302099A8057', false],
    [Uuid, ' 01890a5d-ac96-774b-bcce-b302099a8057', false],
    [Uuid, '01890a5d-ac96-774b-bcce-b302099a8057\n', false],
    [Uuid, 'no', false],
    [Code, 'ABC-1', true],
    [Code, '-abc', false],
    [Amount, 10 ** 15, true],
    [Amount, 10 ** 15 + 1, false],
    [Amount, -1, false],
    [Amount, 0.5, false],
    [Money, { amount: 0, currency: 'EUR' }, true],
  ])('%p takes %p: %p', (schema, value, expected) => expect(fits(schema, value)).toBe(expected));
});
