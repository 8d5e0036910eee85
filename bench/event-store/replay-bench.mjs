// Bar 8: replaying a log against Emmett, and following it under 16 live writers without losing or doubling anything.
import { atLeast, exactly } from '../harness/goals.mjs';

const WRITERS = 16;

export async function run(arena) {
  const server = await arena.disk();
  await speed(arena, server);
  await arena.clear();
  await completeness(arena, server);
}

async function speed(arena, server) {
  const settings = async (database) => ({ adminUrl: await server.freshDatabase(database), poolSize: 8 });
  const ours = await arena.enter({ module: 'event-store/holdfast-events.mjs', settings: await settings('bench_log') });
  const emmett = await arena.enter({ module: 'peers/emmett-events.mjs', settings: await settings('bench_emmett_log') });
  const streams = arena.quick ? 200 : 1_000;
  arena.say(`writing ${streams * 100} events for each side`);
  await Promise.all([ours, emmett].map((side) => side.call('fill', { streams, perStream: 100 })));
  for (const database of ['bench_log', 'bench_emmett_log']) await server.vacuum(database);

  const measured = await arena.rounds('replay', [
    arena.entry('holdfast', ours, { server, batch: 1_000 }),
    arena.entry('emmett 1000', emmett, { server, batch: 1_000 }),
    arena.entry('emmett 100', emmett, { server, batch: 100 }),
  ]);
  await arena.verify('holdfast', ours);
  await arena.verify('emmett', emmett);
  const rate = { id: '8', measured, key: 'holdfast', figure: 'rate' };
  arena.ratio({
    ...rate,
    what: 'replayed events/s against Emmett, batches of 1000',
    goal: atLeast(22),
    peer: 'emmett 1000',
  });
  arena.ratio({
    ...rate,
    what: 'replayed events/s against Emmett, its default of 100',
    goal: atLeast(150),
    peer: 'emmett 100',
  });
}

async function completeness(arena, server) {
  const [times, seconds] = arena.quick ? [1, 3] : [3, 60];
  let lost = 0;
  let twice = 0;
  let written = 0;
  for (let time = 1; time <= times; time++) {
    const adminUrl = await server.freshDatabase('bench_live');
    const writers = await arena.enter({
      module: 'event-store/holdfast-writers.mjs',
      settings: { adminUrl, writers: WRITERS },
    });
    const reader = await arena.enter({ module: 'event-store/holdfast-reader.mjs', settings: { adminUrl } });
    const appended = await writers.call('write', { ms: seconds * 1_000 });
    const { seen, twice: doubled } = await reader.call('result');
    await arena.verify(`live writers ${time}`, writers);
    arena.check(`live reader ${time}`, { seen, twice: doubled }, { seen: appended, twice: 0 });
    written += appended;
    lost += appended - seen;
    twice += doubled;
    await arena.clear();
  }
  const how = `${times} × ${seconds} s, ${WRITERS} live writers, ${written} events`;
  for (const [what, count] of Object.entries({ lost, twice })) {
    arena.bar({
      id: '8',
      what: `events ${what === 'lost' ? 'lost' : 'seen twice'}, ${how}`,
      goal: exactly(0),
      reached: { median: count },
      unit: '',
    });
  }
}
