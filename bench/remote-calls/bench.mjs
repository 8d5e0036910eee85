// Bar 6: asking another process over NATS, against Nest's ClientNats and Moleculer over NATS.
import { DATABASE_CORE } from '../harness/processors.mjs';
import { atLeast, atMost } from '../harness/goals.mjs';

const MANY = 64;

export async function run(arena) {
  const { url } = await arena.broker();
  const modules = {
    holdfast: 'remote-calls/holdfast.mjs',
    nest: 'peers/nest-nats.mjs',
    moleculer: 'peers/moleculer-nats.mjs',
  };
  const askers = {};
  for (const [key, module] of Object.entries(modules)) {
    await arena.enter({ module, settings: { url, role: 'answer' }, core: DATABASE_CORE });
    askers[key] = await arena.enter({ module, settings: { url, role: 'ask' } });
  }
  const lineUp = (concurrency) =>
    Object.entries(askers).map(([key, asker]) => arena.entry(key, asker, { concurrency }));

  const many = await arena.rounds(`remote calls, ${MANY} callers`, lineUp(MANY));
  const rate = { id: '6', measured: many, key: 'holdfast', figure: 'rate' };
  const note = 'what is asked in one turn travels together; input and output are checked on both sides';
  arena.ratio({
    ...rate,
    what: `queries/s over NATS against Nest ClientNats, ${MANY} callers`,
    peer: 'nest',
    goal: atLeast(6),
    note,
  });
  arena.ratio({
    ...rate,
    what: `queries/s over NATS against Moleculer, ${MANY} callers`,
    peer: 'moleculer',
    goal: atLeast(2.5),
    note,
  });

  const one = await arena.rounds('remote calls, 1 caller', lineUp(1));
  const p50 = { id: '6', measured: one, key: 'holdfast', figure: 'p50' };
  arena.ratio({
    ...p50,
    what: 'median of a query over NATS against Nest ClientNats, 1 caller',
    peer: 'nest',
    goal: atMost(0.75),
  });
}
