// Bar 7: appending to new streams, one event and ten events at a time, against Emmett. 16 callers.
import { atLeast, atMost } from '../harness/goals.mjs';

const CALLERS = 16;

export async function run(arena) {
  const server = await arena.disk();
  const settings = async (database, poolSize) => ({ adminUrl: await server.freshDatabase(database), poolSize });
  const ours = await arena.enter({
    module: 'event-store/holdfast-events.mjs',
    settings: await settings('bench_events', CALLERS),
  });
  const emmett = await arena.enter({
    module: 'peers/emmett-events.mjs',
    settings: await settings('bench_emmett', CALLERS),
  });
  await server.checkpoint();

  const contestants = { holdfast: ours, emmett };
  const entries = Object.entries(contestants).flatMap(([name, contestant]) =>
    [1, 10].map((perAppend) =>
      arena.entry(`${name} ${perAppend}`, contestant, { server, concurrency: CALLERS, perAppend }),
    ),
  );
  const measured = await arena.rounds('append', entries);
  for (const [name, contestant] of Object.entries(contestants)) await arena.verify(name, contestant);

  const goals = { 1: [atLeast(8), atMost(0.1)], 10: [atLeast(3), atMost(0.3)] };
  for (const [perAppend, [rate, cpu]] of Object.entries(goals)) {
    const against = { id: '7', measured, key: `holdfast ${perAppend}`, peer: `emmett ${perAppend}` };
    arena.ratio({ ...against, what: `appends/s against Emmett, ${perAppend} per append`, goal: rate, figure: 'rate' });
    arena.ratio({
      ...against,
      what: `PostgreSQL CPU per append, ${perAppend} per append`,
      goal: cpu,
      figure: 'postgresCpu',
    });
  }
}
