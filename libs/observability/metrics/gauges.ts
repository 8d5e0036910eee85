import { Gauge } from 'prom-client';
import { counter } from './instruments.js';
import { register } from './registry.js';

export interface GaugeSample {
  readonly labels: Record<string, string>;
  readonly value: number;
}

export interface GaugeOptions {
  name: string;
  help: string;
  labels: readonly string[];
  /** Called at a scrape, at most once at a time; it has one second. May ask a database. */
  read: () => number | GaugeSample[] | Promise<number | GaugeSample[]>;
}

const READ_TIMEOUT_MS = 1_000;
const readings = new Map<Gauge, Set<GaugeOptions['read']>>();
const failures = counter({
  name: 'metrics_read_failures_total',
  help: 'Gauges that could not be read at a scrape',
  labels: ['metric'],
});

/**
 * Registers a value that is read when somebody scrapes. Several registrations may share a name, one per context.
 * A reading that fails or is late leaves its samples out and is counted; the scrape goes on.
 *
 * @returns a function that takes the registration back
 * @example registerGauge({ name: 'pg_pool_waiting', help: '…', labels: ['context'],
 *   read: () => [{ labels: { context: 'orders' }, value: pool.waitingCount }] });
 */
export function registerGauge({ name, help, labels, read }: GaugeOptions): () => void {
  const gauge = (register.getSingleMetric(name) as Gauge | undefined) ?? new Gauge({ name, help, labelNames: labels });
  const reads = readings.get(gauge) ?? new Set();
  readings.set(gauge, reads.add(read));
  return () => void reads.delete(read);
}

let refreshing: Promise<void> | undefined;

/** Reads every gauge; scrapes that come meanwhile share the same reading. */
export function refreshGauges(): Promise<void> {
  refreshing ??= readAll().finally(() => (refreshing = undefined));
  return refreshing;
}

async function readAll(): Promise<void> {
  await Promise.all([...readings].map(([gauge, reads]) => readGauge(gauge, [...reads])));
}

async function readGauge(gauge: Gauge, reads: GaugeOptions['read'][]): Promise<void> {
  const samples = await Promise.all(reads.map((read) => readOne(gauge, read)));
  gauge.reset();
  for (const { labels, value } of samples.flat()) gauge.set(labels, value);
}

async function readOne(gauge: Gauge, read: GaugeOptions['read']): Promise<GaugeSample[]> {
  try {
    const result = await withTimeout(async () => read(), READ_TIMEOUT_MS);
    return typeof result === 'number' ? [{ labels: {}, value: result }] : result;
  } catch {
    failures.add({ metric: (gauge as unknown as { name: string }).name });
    return [];
  }
}

/** Rejects when the work takes longer; the work itself is not stopped. */
async function withTimeout<T>(work: () => Promise<T>, ms: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
