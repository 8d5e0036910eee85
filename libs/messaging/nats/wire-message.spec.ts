import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { Letter, Place } from '../conveyor.js';
import type { Message } from '../message.js';
import { subjectOf } from './subjects.js';
import { fromWire, placeIn, toWire } from './wire-message.js';

const message: Message = {
  specversion: '1.0',
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  source: 'notes',
  type: 'notes.note-written.v1',
  subject: 'a',
  time: '2026-01-01T00:00:00.000Z',
  datacontenttype: 'application/json',
  dataschema: '',
  correlationid: 'c',
  dueat: '2026-01-01T00:00:00.000Z',
  data: { text: 'ä 😀' },
};

const position = { stream: 'HOLDFAST_notes', lastSequence: 41 };

const letter = (place?: Place): Letter => {
  const { id, source, type } = message;
  return { id, source, type, json: JSON.stringify(message), ...(place && { place }) };
};

/** The headers as a server hands them on. */
function arrived(place: Place | undefined, lastId?: string): MsgHdrs {
  const bytes = (
    toWire(letter(place), { ...position, ...(lastId && { lastId }) }).headers as unknown as { encode(): Uint8Array }
  ).encode();
  const [version, ...lines] = Buffer.from(bytes).toString().split('\r\n');
  expect([version, ...lines.splice(-2)]).toEqual(['NATS/1.0', '', '']);
  const head = headers();
  for (const line of lines) head.set(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2));
  return head;
}

describe('a message on the wire', () => {
  it('comes out as it went in, with its place', () => {
    const place = { xid: '18446744073709551615', position: 7 };
    const { payload } = toWire(letter(place), position);
    expect(fromWire(Buffer.from(payload).toString(), 'notes')).toEqual(message);
    expect(placeIn(arrived(place))).toEqual(place);
  });

  it('says who it is, to which stream it belongs and what it must follow', () => {
    const head = arrived(undefined);
    const said = ['Nats-Msg-Id', 'Nats-Expected-Stream', 'Nats-Expected-Last-Sequence'].map((name) => head.get(name));
    expect(said).toEqual([message.id, 'HOLDFAST_notes', '41']);
    expect(head.has('Nats-Expected-Last-Msg-Id')).toBe(false);
    expect(arrived(undefined, 'before').get('Nats-Expected-Last-Msg-Id')).toBe('before');
  });

  it('has no place when it was carried by hand, or when the place is damaged', () => {
    expect(placeIn(arrived(undefined))).toBeUndefined();
    const damaged = headers();
    damaged.set('Holdfast-Place', '1/2/3');
    expect(placeIn(damaged)).toBeUndefined();
  });

  it('reads what was due from the beginning', () => {
    expect(fromWire(JSON.stringify({ ...message, dueat: '1970-01-01T00:00:00.000Z' }), 'notes')).toHaveProperty(
      'dueat',
    );
  });

  it.each([
    ['', 'it is not JSON'],
    ['null', 'it is not an envelope'],
    ['{}', 'its id is not a UUID'],
    [JSON.stringify({ ...message, type: 1 }), 'it has no type or no key'],
    [JSON.stringify({ ...message, source: 'others' }), 'it does not come from notes, whose stream this is'],
    [JSON.stringify({ ...message, subject: 'a'.repeat(513) }), 'its key is too long'],
    [JSON.stringify({ ...message, dueat: 'soon' }), 'its due time is not a moment'],
    [JSON.stringify({ ...message, dueat: '2026-02-31T00:00:00Z' }), 'its due time is not a moment'],
    [JSON.stringify({ ...message, data: '\u0000' }), 'it contains NUL or half a character'],
    [JSON.stringify({ ...message, data: '?' }).replace('?', String.raw`\uDEAD`), 'it contains NUL or half a character'],
  ])('says what is wrong with %j', (text, wrong) => {
    expect(fromWire(text, 'notes')).toBe(wrong);
  });

  it('says who sent a command in its subject, and speaks no wildcard', () => {
    expect(subjectOf(message, false)).toBe('evt.notes.note-written.v1');
    expect(subjectOf({ ...message, type: 'library.lend.v2' }, true)).toBe('cmd.notes.library.lend.v2');
    expect(subjectOf({ ...message, type: 'notes.* >.v1' }, false)).toBe('evt.notes.___.v1');
  });
});
