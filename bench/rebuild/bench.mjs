// A projection rebuilt from the start of a long log while others go on writing to it. The rows it ends with are
// compared with those of a projection that was never rebuilt.
import { exactly } from '../harness/goals.mjs';

const PER_SECOND = 100;

export async function run(arena) {
  const [streams, perStream] = arena.quick ? [500, 20] : [10_000, 50];
  const server = await arena.disk();
  const adminUrl = await server.freshDatabase('bench_rebuild');
  const context = await arena.enter({ module: 'rebuild/holdfast.mjs', settings: { adminUrl } });
  const say = (line) => arena.say(`rebuild ${line}`);
  say(`writing ${streams * perStream} events`);
  await context.call('fill', { streams, perStream });
  await arena.until(
    () => context.call('caughtUp'),
    (behind) => say(`first pass: ${behind} events to go`),
  );

  await context.call('traffic', { perSecond: PER_SECOND });
  await context.call('rebuild');
  await arena.until(
    () => context.call('rebuilt'),
    (behind) => say(`rebuild: ${behind} events to go`),
  );
  const { events, seconds, live } = await context.call('endTraffic');
  await arena.until(
    () => context.call('caughtUp'),
    (behind) => say(`catching up: ${behind} events to go`),
  );

  await arena.verify('rebuild', context);
  const { sums, slowestLagMs } = await context.call('sums');
  const [rebuilt, never] = [sums.rebuilt, sums.never];
  arena.check('rebuild checksums', rebuilt, never);
  const same = JSON.stringify(rebuilt) === JSON.stringify(never);
  const info = (what, median, unit) => arena.info({ id: 'S3', what, reached: { median }, unit });
  arena.bar({
    id: 'S3',
    what: `checksums that differ after a rebuild beside ${live} live events`,
    goal: exactly(0),
    reached: { median: same ? 0 : 1 },
    unit: '',
  });
  info(`events/s of a rebuild of ${events} events, ${PER_SECOND} live writes/s beside it`, events / seconds, '/s');
  info('slowest live event from commit to the read model meanwhile', slowestLagMs, ' ms');
}
