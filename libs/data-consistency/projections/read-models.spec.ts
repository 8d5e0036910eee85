import type { Database } from '../database/database.js';
import { defineStream } from '../event-store/stream.js';
import { defineProjection } from './projection.js';
import { ReadModels } from './read-models.js';

const projection = defineProjection('lengths', {
  stream: defineStream('note', { initial: 0, evolve: () => 0 }),
  table: 'note_length',
  key: 'note',
  columns: { note: 'text' },
  apply: () => undefined,
});

it('a read waits for the newest write of its process, whichever of those at the same time was told about last', async () => {
  const asked: unknown[] = [];
  const one = (_: string, values: unknown[]) => (asked.push(values.at(-1)), Promise.resolve({ seen: true }));
  const readModels = new ReadModels({ context: 'notes', database: { one } as unknown as Database });
  for (const xid of ['99', '101', '100']) readModels.wrote(xid);
  await readModels.caughtUp(projection);
  await readModels.caughtUp(projection);
  expect(asked).toEqual(['101']);
});
