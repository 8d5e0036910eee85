// A million messages that wait, first in the outbox, then in the inbox, are drained without reading a table from
// end to end, each handled once and in the order of its key.
import { atMost, exactly } from '../harness/goals.mjs';

export async function run(arena) {
  const messages = arena.options.messages ?? (arena.quick ? 20_000 : 1_000_000);
  const server = await arena.disk();
  const adminUrl = await server.freshDatabase('bench_backlog');
  const context = await arena.enter({ module: 'backlog/holdfast.mjs', settings: { adminUrl, messages } });

  const report = (line) => arena.say(`backlog ${line}`);
  report(`writing ${messages} messages into the outbox`);
  await context.call('fill');
  for (const part of ['carry', 'handle']) {
    await context.call(part);
    for (let step = await context.call('progress'); ; step = await context.call('progress')) {
      report(`${part}: ${step.done} of ${messages}, ${Math.round(step.done / step.seconds)}/s, ${step.waits}`);
      if (step.done >= messages) break;
    }
  }
  const { rates, scans, rowsRead, slowestBacklogMs } = await context.call('result');
  await arena.verify('backlog', context);

  const size = messages.toLocaleString('en');
  const bar = (what, goal, median) => arena.bar({ id: 'S1', what, goal, reached: { median }, unit: '' });
  bar(`sequential scans of big tables, ${size} messages waiting`, exactly(0), scans.length);
  bar('rows read by sequential scans of any table of the road', atMost(messages / 100), rowsRead);
  for (const { table, times } of scans)
    arena.violations.push(`backlog: ${table} was read from end to end ${times} times`);
  const info = (what, median, unit) => arena.info({ id: 'S1', what, reached: { median }, unit });
  info('messages/s from outbox to inbox', rates.carry, '/s');
  info('messages/s from inbox to done', rates.handle, '/s');
  info('slowest look at how much waits', slowestBacklogMs, ' ms');
}
