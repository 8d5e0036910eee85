import type { KvWatchEntry } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceList } from '../instance-list.js';
import { instanceFrom, provisionBucket, subjectOf } from './bucket.js';

export interface BucketWatchOptions {
  connection: Promise<NatsConnection>;
  list: InstanceList;
  ttlMs: number;
  everyMs: number;
  observer: string;
  beat: (subject: string) => Promise<void>;
  failed: (error: unknown) => void;
}

export interface BucketWatch {
  close(): Promise<void>;
}

/** Keeps a list after what the bucket says, for as long as it takes, through anything that happens to the server. */
export function watchBucket(options: BucketWatchOptions): BucketWatch {
  const closing = new AbortController();
  const running = keepWatching(options, closing.signal);
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}

async function keepWatching({ connection, list, failed, ...options }: BucketWatchOptions, signal: AbortSignal) {
  const key = { service: options.observer, id: randomBytes(6).toString('hex') };
  let faulty = false;
  const ended = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
  const connected = await Promise.race([connection.catch(() => undefined), ended]);
  if (!connected) return;
  while (!signal.aborted) {
    const session = new Session({ ...options, list, key, connection: connected });
    try {
      await Promise.race([session.run(), ended]);
    } catch (error) {
      list.failed(String((error as Error).message ?? error));
      if (!faulty) failed(error);
      faulty = true;
    } finally {
      session.end();
    }
    if (session.proofs > 0) faulty = false;
    if (!signal.aborted) await Promise.race([delay(options.everyMs, undefined, { ref: false }), ended]);
  }
}

interface SessionOptions extends Omit<BucketWatchOptions, 'connection' | 'failed'> {
  connection: NatsConnection;
  key: { service: string; id: string };
}

/** One watch, until it is found not to work. */
class Session {
  /** How often our own beat came back. */
  proofs = 0;
  private over = false;
  private stop: () => void = () => {};
  private provedAt = performance.now();
  /** What the bucket held before our own beat, whose time by the server's clock is not known yet. */
  private before: KvWatchEntry[] | undefined = [];
  /** When our own newest beat was written, by the server's clock. */
  private newestMs: number | undefined;

  constructor(private readonly options: SessionOptions) {}

  async run(): Promise<never> {
    const { connection, ttlMs, everyMs, key, beat } = this.options;
    const bucket = await provisionBucket(connection, ttlMs);
    await beat(subjectOf(key));
    const entries = await bucket.watch();
    this.stop = () => entries.stop();
    if (this.over) this.stop();
    this.provedAt = performance.now();
    const reading = (async () => {
      for await (const entry of entries) this.read(entry);
      throw new Error('the watch on the registry ended');
    })();
    reading.catch(() => {});
    return Promise.race([reading, this.keepProving(everyMs)]);
  }

  end(): void {
    this.over = true;
    this.stop();
  }

  private async keepProving(everyMs: number): Promise<never> {
    const { beat, key, ttlMs } = this.options;
    while (!this.over) {
      await delay(everyMs, undefined, { ref: false });
      if (this.over) break;
      const beating = beat(subjectOf(key)); // what counts is that it comes back by the watch
      await Promise.race([beating.catch(() => {}), delay(everyMs, undefined, { ref: false })]);
      if (performance.now() - this.provedAt > ttlMs) throw new Error('the registry does not answer');
    }
    throw new Error('no longer watched');
  }

  private read(entry: KvWatchEntry): void {
    if (this.over) return;
    if (entry.key === `${this.options.key.service}.${this.options.key.id}`) return this.proved(entry);
    if (this.before) this.before.push(entry);
    else this.apply(entry);
  }

  private proved(entry: KvWatchEntry): void {
    this.provedAt = performance.now();
    this.proofs += 1;
    this.newestMs = entry.created.getTime();
    this.options.list.proved();
    for (const earlier of this.before ?? []) this.apply(earlier);
    this.before = undefined;
  }

  /** An entry's age is the server's: both times are by its clock, so nobody else's matters. */
  private apply(entry: KvWatchEntry): void {
    const { list } = this.options;
    if (entry.operation !== 'PUT') {
      const [service = '', id = ''] = entry.key.split('.');
      return list.gone(service, id);
    }
    const instance = instanceFrom(entry.key, entry.string());
    if (!instance) return;
    const createdMs = entry.created.getTime();
    const { newestMs = createdMs } = this;
    list.heard(instance, entry.isUpdate ? 0 : Math.max(0, newestMs - createdMs));
  }
}
