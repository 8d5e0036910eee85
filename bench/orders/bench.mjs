// Bars 1 and 2: an order, its three lines and one outbox message, durable, as one unit of work, against TypeORM's `save`.
import { atLeast, atMost } from '../harness/goals.mjs';

const FEW = 16;
const MANY = 64;

export async function run(arena) {
  await onDisk(arena);
  await onSlowDisk(arena);
}

async function onDisk(arena) {
  const server = await arena.disk();
  const { ours, peer } = await lineUp(arena, server, 'bench');
  const measured = await arena.rounds('orders', [
    arena.entry('holdfast 16', ours, { server, concurrency: FEW }),
    arena.entry('holdfast 64', ours, { server, concurrency: MANY }),
    arena.entry('keyed 16', ours, { server, concurrency: FEW, keyed: true }),
    arena.entry('typeorm 16', peer, { server, concurrency: FEW }),
    arena.entry('typeorm 64', peer, { server, concurrency: MANY }),
  ]);
  await verified(arena, { ours, peer });

  const against = (callers) => ({ measured, key: `holdfast ${callers}`, peer: `typeorm ${callers}` });
  arena.ratio({
    id: '1',
    what: 'orders/s against TypeORM save, 16 callers',
    goal: atLeast(8),
    figure: 'rate',
    ...against(FEW),
  });
  arena.ratio({
    id: '1',
    what: 'orders/s against TypeORM save, 64 callers',
    goal: atLeast(10),
    figure: 'rate',
    ...against(MANY),
  });
  arena.ratio({
    id: '1',
    what: 'PostgreSQL CPU per order, 16 callers',
    goal: atMost(0.1),
    figure: 'postgresCpu',
    ...against(FEW),
  });
  arena.ratio({
    id: '1',
    what: 'PostgreSQL CPU per order, 64 callers',
    goal: atMost(0.1),
    figure: 'postgresCpu',
    ...against(MANY),
  });
  arena.ratio({
    id: '1',
    what: 'Node CPU per order, 16 callers',
    goal: atMost(0.04),
    figure: 'clientCpu',
    ...against(FEW),
  });
  arena.ratio({
    id: '1',
    what: 'orders/s with an idempotency record against without',
    goal: atLeast(0.85),
    figure: 'rate',
    measured,
    key: 'keyed 16',
    peer: 'holdfast 16',
  });
}

async function onSlowDisk(arena) {
  const server = await arena.slowDisk();
  if (!server) return;
  const { ours, peer } = await lineUp(arena, server, 'bench_slow');
  const measured = await arena.rounds('orders, +1 ms fdatasync', [
    arena.entry('holdfast 64', ours, { server, concurrency: MANY }),
    arena.entry('typeorm 64', peer, { server, concurrency: MANY }),
  ]);
  await verified(arena, { ours, peer });
  const against = { measured, key: 'holdfast 64', peer: 'typeorm 64' };
  arena.ratio({ id: '2', what: 'orders/s on a slow disk, 64 callers', goal: atLeast(9), figure: 'rate', ...against });
  arena.ratio({
    id: '2',
    what: 'median latency on a slow disk, 64 callers',
    goal: atMost(0.15),
    figure: 'p50',
    ...against,
  });
}

/** Connections of each side: TypeORM is fastest with this many, with 16 callers and with 64. */
const POOL = 16;

async function lineUp(arena, server, name) {
  const settingsOf = async (database) => ({ adminUrl: await server.freshDatabase(database), poolSize: POOL });
  const ours = await arena.enter({ module: 'orders/holdfast.mjs', settings: await settingsOf(`${name}_orders`) });
  const peer = await arena.enter({ module: 'peers/typeorm-save.mjs', settings: await settingsOf(`${name}_typeorm`) });
  await server.checkpoint();
  return { ours, peer };
}

async function verified(arena, contestants) {
  for (const [name, contestant] of Object.entries(contestants)) await arena.verify(name, contestant);
  await arena.clear();
}
