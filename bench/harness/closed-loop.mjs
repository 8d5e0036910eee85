import { median } from './statistics.mjs';

/**
 * One window: `concurrency` callers, each starting its next operation when its last one has ended. Every operation that
 * began is waited for and counted, so that what was counted is what was written.
 */
export async function closedLoop({ ms, concurrency, operation }) {
  const latencies = [];
  const cpu = process.cpuUsage();
  const started = performance.now();
  const end = started + ms;
  const caller = async () => {
    for (let begun = performance.now(); begun < end;) {
      await operation();
      const now = performance.now();
      latencies.push(now - begun);
      begun = now;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const seconds = (performance.now() - started) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { ops: latencies.length, seconds, clientCpuUs: user + system, p50Ms: median(latencies) };
}
