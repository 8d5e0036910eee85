import { RequestError, headers, type NatsConnection } from '@nats-io/transport-node';
import { setTimeout as delay } from 'node:timers/promises';
import { InstanceList } from '../instance-list.js';
import { RegistryAway, type Freshness, type Instance, type Registration, type Registry } from '../registry.js';
import { assertKey, provisionBucket, subjectOf } from './bucket.js';
import { watchBucket, type BucketWatch } from './watch-bucket.js';

/** The line to NATS, and when silence means something. */
export interface NatsKvRegistryOptions {
  /**
   * Whoever only registers hands over the connection it has. What makes one is called in the background, and again every
   * {@link NatsKvRegistryOptions.dialEveryMs} after it has failed: a server may learn of us later.
   */
  connection: NatsConnection | (() => Promise<NatsConnection>);
  /** Milliseconds between two calls of what makes the connection; default 5,000. */
  dialEveryMs?: number;
  /**
   * Milliseconds without a heartbeat after which an instance is silent; default 2,800, which is the 3 s of the promise less
   * what a heartbeat takes to arrive and a timer to fire.
   */
  ttlMs?: number;
  /**
   * Milliseconds between the beats by which an observer sees that the registry works; default 500, or a fifth of a TTL that
   * is shorter than 2,500. Two of them are less than half a TTL, or the registry would look away between any two.
   */
  everyMs?: number;
  /** Name of the observer's own key, `<observer>.<id>`; default `observer`. */
  observer?: string;
  /** Counts until the registry has spoken: the last list of a former life, or of a file. */
  seed?: readonly Instance[];
  /** Told what went wrong, once per fault; everything is tried again by itself. */
  failed?: (error: unknown) => void;
}

const TTL_MS = 2_800;

/**
 * The registry in a key-value bucket of NATS JetStream (2.9 or later). An instance writes its own key about once a second;
 * observers watch all keys and measure silence by their own clock.
 *
 * An observer has a key as well and watches for it: what it said and heard again proves that the whole way through the
 * registry works. Without that proof for 1.4 s (half a TTL) the registry counts as away, however well the connection looks, and
 * the lists stay. After a whole TTL the watch is begun anew, in a new bucket if the old one is gone.
 *
 * @example
 * const registry = new NatsKvRegistry({ connection: await connectNats({ url, name: 'letters' }) });
 * const presence = keepRegistered(registry, { service: 'letters', id: 'letters-1-x3f', url: 'http://10.0.0.7:3000' });
 * registry.watch('accounts').onChange((instances) => …);
 */
export class NatsKvRegistry implements Registry {
  readonly kind = 'nats';
  private readonly connection: Promise<NatsConnection>;
  private readonly ttlMs: number;
  private readonly everyMs: number;
  private readonly list: InstanceList;
  private observing: BucketWatch | undefined;
  private provisioning: Promise<unknown> | undefined;
  private readonly closing = new AbortController();

  /** @throws RangeError when the beats are too rare for the TTL */
  constructor(private readonly options: NatsKvRegistryOptions) {
    this.ttlMs = options.ttlMs ?? TTL_MS;
    this.everyMs = options.everyMs ?? Math.min(500, this.ttlMs / 5);
    const awayAfterMs = this.ttlMs / 2;
    if (this.everyMs * 2 >= awayAfterMs)
      throw new RangeError(`two beats of ${this.everyMs} ms take as long as half a TTL of ${this.ttlMs} ms`);
    this.list = new InstanceList({ ttlMs: this.ttlMs, awayAfterMs });
    this.list.seed(options.seed ?? []);
    const { connection } = options;
    this.connection = typeof connection === 'function' ? this.dial(connection) : Promise.resolve(connection);
    this.connection.catch(() => undefined); // closed before there was one
  }

  /** @throws TypeError for a service or id that cannot be part of a subject */
  async register(instance: Instance): Promise<Registration> {
    assertKey(instance);
    let current = instance;
    const renew = () => this.put(current);
    await renew();
    return {
      renew,
      drain: () => {
        current = { ...current, draining: true };
        return renew();
      },
      leave: () => this.publish(subjectOf(instance), '', 'DEL'),
    };
  }

  watch(service: string): ReturnType<InstanceList['watch']> {
    this.observing ??= watchBucket({
      connection: this.connection,
      list: this.list,
      ttlMs: this.ttlMs,
      everyMs: this.everyMs,
      observer: this.options.observer ?? 'observer',
      beat: (subject) => this.publish(subject, '{}'),
      failed: this.options.failed ?? (() => {}),
    });
    return this.list.watch(service);
  }

  freshness(): Freshness {
    return this.list.freshness();
  }

  /** Ends watching. The connection belongs to whoever opened it. */
  async close(): Promise<void> {
    this.closing.abort();
    this.list.close();
    await this.observing?.close();
  }

  /** @throws AbortError when the registry is closed before there is a connection */
  private async dial(connect: () => Promise<NatsConnection>): Promise<NatsConnection> {
    const { failed, dialEveryMs = 5_000 } = this.options;
    const { signal } = this.closing;
    for (let first = true; ; first = false) {
      try {
        return await connect();
      } catch (error) {
        this.list.failed((error as Error).message);
        if (first) failed?.(error);
        await delay(dialEveryMs, undefined, { signal, ref: false });
      }
    }
  }

  private put({ url, process, draining, ...key }: Instance): Promise<void> {
    return this.publish(subjectOf(key), JSON.stringify({ url, process, draining }));
  }

  /** Tells the bucket; a missing one is made first, by whoever notices and may. */
  private async publish(subject: string, text: string, operation?: 'DEL'): Promise<void> {
    const connection = await this.connection;
    const tell = () => entry(connection, subject, text, operation);
    try {
      await tell().catch(async (error: unknown) => {
        const made = this.provision(connection);
        if (!isMissing(error)) throw error;
        await made;
        await tell();
      });
    } catch (error) {
      throw new RegistryAway('the registry in NATS does not take entries', { cause: error });
    }
  }

  private provision(connection: NatsConnection): Promise<unknown> {
    this.provisioning ??= provisionBucket(connection, this.ttlMs)
      .catch(() => {}) // not allowed, or away: somebody else will, or the next beat tries again
      .finally(() => (this.provisioning = undefined));
    return this.provisioning;
  }
}

async function entry(connection: NatsConnection, subject: string, text: string, operation?: 'DEL'): Promise<void> {
  const about = headers();
  if (operation) about.set('KV-Operation', operation);
  const answer = await connection.request(subject, text, { timeout: 900, ...(operation && { headers: about }) });
  const { error } = answer.json<{ error?: { description?: string } }>();
  if (error) throw new Error(error.description);
}

/** NATS answers at once for a bucket that is not there. */
const isMissing = (error: unknown): boolean => error instanceof RequestError && error.isNoResponders();
