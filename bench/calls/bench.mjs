// Bar 5: asking another context in the same process, against a plain await, Nest's CommandBus and Moleculer.
import { atMost } from '../harness/goals.mjs';

export async function run(arena) {
  const contestants = {
    queries: { module: 'calls/holdfast.mjs', settings: { strict: false } },
    'queries strict': { module: 'calls/holdfast.mjs', settings: { strict: true } },
    await: { module: 'calls/plain-await.mjs' },
    commandBus: { module: 'peers/command-bus.mjs' },
    moleculer: { module: 'peers/moleculer-local.mjs' },
  };
  const entries = [];
  for (const [key, contestant] of Object.entries(contestants))
    entries.push(arena.entry(key, await arena.enter(contestant)));
  const measured = await arena.rounds('calls', entries, { windowMs: 300 });

  const ours = { id: '5', measured, figure: 'clientCpu', note: 'as in production: a plain call with typed errors' };
  const against = { await: atMost(1.8), commandBus: atMost(0.6), moleculer: atMost(0.25) };
  for (const [peer, goal] of Object.entries(against)) {
    arena.ratio({ ...ours, what: `CPU of a query against ${peer}`, key: 'queries', peer, goal });
  }
  for (const [peer, goal] of Object.entries(against)) {
    arena.ratio({
      ...ours,
      what: `CPU of a strict query against ${peer}`,
      key: 'queries strict',
      peer,
      goal,
      note: 'as in tests: both sides get copies that fit the schema, and a deadline applies',
    });
  }
}
