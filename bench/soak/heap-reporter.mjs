// Loaded before the shop (`--expose-gc --import`): on SIGUSR2 it collects garbage and writes down what is left.
import fs from 'node:fs';

const file = process.env.BENCH_HEAP;

process.on('SIGUSR2', () => {
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  const sample = { seconds: process.uptime(), heap: heapUsed + external, rss };
  fs.appendFileSync(file, `${JSON.stringify(sample)}\n`);
});
