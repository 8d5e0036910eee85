// Bar 10: how fast an outbox of many rows reaches JetStream: acknowledged, in order, with message ids.
import { atLeast } from '../harness/goals.mjs';

export async function run(arena) {
  const server = await arena.disk();
  const { url } = await arena.broker();
  const settings = async (name) => ({ adminUrl: await server.freshDatabase(`bench_drain_${name}`), url });
  const many = arena.quick ? 4_000 : 20_000;
  const contestants = {
    holdfast: { module: 'relay-drain/holdfast.mjs', settings: await settings('holdfast'), rows: many },
    'row by row': {
      module: 'peers/outbox-drain.mjs',
      settings: { ...(await settings('row')), batch: 1 },
      rows: many / 10,
    },
    'batch 100': {
      module: 'peers/outbox-drain.mjs',
      settings: { ...(await settings('batch')), batch: 100 },
      rows: many / 4,
    },
  };
  const entries = [];
  for (const [key, { rows, ...contestant }] of Object.entries(contestants)) {
    const entered = await arena.enter(contestant);
    contestants[key].entered = entered;
    entries.push(arena.entry(key, entered, { server, rows }));
  }
  const measured = await arena.rounds('relay drain', entries);
  for (const [key, { entered }] of Object.entries(contestants)) await arena.verify(key, entered);

  const ours = { id: '10', measured, key: 'holdfast', figure: 'rate' };
  const note =
    'expected sequence, message id and place in the outbox with every message; the row-by-row relay sends none';
  arena.ratio({
    ...ours,
    what: 'outbox to JetStream, messages/s against row by row',
    peer: 'row by row',
    goal: atLeast(35),
    note,
  });
  arena.ratio({
    ...ours,
    what: 'outbox to JetStream, messages/s against batches of 100',
    peer: 'batch 100',
    goal: atLeast(15),
    note,
  });
}
