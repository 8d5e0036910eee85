import type { Conveyor, Message } from '@holdfast/messaging';
import { NotesOnPostgres, NoteWritten, until } from '../fixture/notes-on-postgres.js';
import { Relay } from './relay.js';

const MEBIBYTE = 2 ** 20;
const NEARLY_THE_LARGEST = 511 * 1024; // bytes

let notes: NotesOnPostgres;
beforeEach(async () => void (notes = await NotesOnPostgres.create()));
afterEach(() => notes.drop());

it.each([
  ['one byte', 'x'],
  ['two bytes', 'ü'],
  ['three bytes', '語'],
])('never holds more of the outbox than a few of its largest messages, in letters of %s', async (_, letter) => {
  const text = letter.repeat(Math.floor(NEARLY_THE_LARGEST / Buffer.byteLength(letter)));
  const database = notes.newDatabase();
  const work = notes.workOn(database);
  const [first, last] = [Array.from({ length: 70 }, (_, n) => n), 70]; // 35 MiB
  for (const n of first) await work.run((tx) => tx.emit(NoteWritten, { note: 'a', n, text }));
  await work.run((tx) => tx.emit(NoteWritten, { note: 'a', n: last }));

  const pages: Message[][] = [];
  const conveyor: Conveyor = {
    name: 'scales',
    connect() {},
    lastCarried: async () => undefined,
    carry: async (page) => void pages.push([...page]),
  };
  const failed = (error: unknown) => notes.failures.push(String(error));
  const relay = new Relay({ context: 'notes', database, conveyor, failed, pollMs: 3_600_000 });
  await notes.rows(`insert into leadership values ('notes', 1)`);
  relay.lead(1);
  await until('all are carried', () => pages.flat().length === first.length + 1);
  await relay.stepDown();

  expect(pages.flat().map(({ data }) => (data as { n: number }).n)).toEqual([...first, last]);
  const bytesOf = (page: Message[]) => Buffer.byteLength(JSON.stringify(page));
  expect(Math.max(...pages.map(bytesOf))).toBeLessThan(17 * MEBIBYTE);
  expect(notes.failures).toEqual([]);
});
