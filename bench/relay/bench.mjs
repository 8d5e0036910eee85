// Bar 9: how soon after a write the relay has the event, and what a relay costs those who write.
import { atLeast, atMost } from '../harness/goals.mjs';
import { spread } from '../harness/statistics.mjs';

const PER_SECOND = 200;
const WRITERS = 64;

export async function run(arena) {
  await latency(arena);
  await arena.clear();
  await throughput(arena);
}

async function latency(arena) {
  const server = await arena.disk();
  const adminUrl = (name) => server.freshDatabase(name);
  const contestants = {
    holdfast: { module: 'relay/holdfast.mjs', settings: { adminUrl: await adminUrl('bench_relay'), relay: true } },
    poll: {
      module: 'peers/outbox-relay.mjs',
      settings: { adminUrl: await adminUrl('bench_poll'), wake: 'poll', poolSize: 8 },
    },
    notify: {
      module: 'peers/outbox-relay.mjs',
      settings: { adminUrl: await adminUrl('bench_notify'), wake: 'notify', poolSize: 8 },
    },
  };
  const measured = await inRounds(arena, {
    name: `relay at ${PER_SECOND}/s`,
    contestants,
    server,
    load: { perSecond: PER_SECOND },
  });

  const { holdfast, poll } = measured.samples;
  const medianOf = (figure) => spread(holdfast.map(figure)).median;
  const alone = medianOf(({ writeP50Ms }, round) => writeP50Ms / poll[round].p50Ms);
  arena.ratio({
    id: '9',
    measured,
    key: 'holdfast',
    figure: 'p50',
    what: 'write to relay, median, against polling every 100 ms',
    goal: atMost(0.008),
    peer: 'poll',
    note: `the write alone takes ${alone.toFixed(4)}x here, and no relay is sooner than the commit`,
  });
  const overWrite = holdfast.map(({ p50Ms, writeP50Ms }) => p50Ms / writeP50Ms);
  const write = medianOf(({ writeP50Ms }) => writeP50Ms);
  const read = medianOf(({ p50Ms, writeP50Ms }) => p50Ms - writeP50Ms);
  const note = `the relay's read is sent behind the commit (ADR 17): ${read.toFixed(2)} ms after a write of ${write.toFixed(2)} ms`;
  arena.bar({
    id: '9',
    what: 'write to relay, median, against the write itself',
    goal: atMost(1.25),
    reached: spread(overWrite),
    note,
  });
  const notify = measured.samples.holdfast.map(({ p50Ms }, round) => p50Ms / measured.samples.notify[round].p50Ms);
  arena.info({ id: '9', what: 'write to relay, median, against a NOTIFY relay', reached: spread(notify) });
}

async function throughput(arena) {
  const slow = await arena.slowDisk();
  const server = slow ?? (await arena.disk());
  const disk = slow ? 'slow disk' : 'this disk';
  const adminUrl = (name) => server.freshDatabase(name);
  const contestants = {
    'relay off': { module: 'relay/holdfast.mjs', settings: { adminUrl: await adminUrl('bench_off'), relay: false } },
    'relay on': { module: 'relay/holdfast.mjs', settings: { adminUrl: await adminUrl('bench_on'), relay: true } },
    notify: {
      module: 'peers/outbox-relay.mjs',
      settings: { adminUrl: await adminUrl('bench_writers'), wake: 'notify', poolSize: WRITERS },
    },
  };
  const measured = await inRounds(arena, {
    name: `relay, ${WRITERS} writers`,
    contestants,
    server,
    load: { concurrency: WRITERS },
  });

  const rate = { id: '9', measured, key: 'relay on', figure: 'rate' };
  arena.ratio({
    ...rate,
    what: `writes/s with our relay on against off, ${WRITERS} writers, ${disk}`,
    goal: atLeast(0.95),
    peer: 'relay off',
  });
  const notify = measured.samples['relay on'].map(({ ops, seconds }, round) => {
    const peer = measured.samples.notify[round];
    return ops / seconds / (peer.ops / peer.seconds);
  });
  arena.info({ id: '9', what: `writes/s with our relay against a NOTIFY relay, ${disk}`, reached: spread(notify) });
}

async function inRounds(arena, { name, contestants, server, load }) {
  const entered = {};
  for (const [key, contestant] of Object.entries(contestants)) entered[key] = await arena.enter(contestant);
  const entries = Object.entries(entered).map(([key, contestant]) => arena.entry(key, contestant, { server, ...load }));
  const measured = await arena.rounds(name, entries);
  for (const [key, contestant] of Object.entries(entered)) await arena.verify(key, contestant);
  return measured;
}
