import { DiscardPolicy, StorageType, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import type { Instance } from '../registry.js';

/**
 * The bucket that holds one key per instance, `<service>.<id>`: a server can allow each user its own keys only, as
 * `$KV.registry.<service>.*`. In memory and for seconds, since its content is worth no more than the last heartbeats.
 */
export const BUCKET = 'registry';

/**
 * Makes the bucket if it is missing, on one server: one that is lost is made anew within seconds. Whoever comes first, observer
 * or instance, and may do it, does. The stream is described here because the client's own way asks the server for more than a
 * user of few permissions may.
 *
 * @param ttlMs milliseconds after which the server forgets a key that is not renewed
 */
export async function provisionBucket(connection: NatsConnection, ttlMs: number): Promise<KV> {
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 2_000 });
  const wanted = {
    name: `KV_${BUCKET}`,
    subjects: [`$KV.${BUCKET}.>`],
    storage: StorageType.Memory,
    discard: DiscardPolicy.New,
    max_msgs_per_subject: 1,
    max_age: nanos(ttlMs),
    duplicate_window: nanos(ttlMs),
    num_replicas: 1,
    allow_rollup_hdrs: true,
    deny_delete: true,
  };
  await manager.streams.add(wanted).catch(() => undefined); // there, if a little different; else reading it says what is wrong
  return new Kvm(jetstream(connection, { timeout: 2_000 })).open(BUCKET, { allow_direct: false });
}

export const subjectOf = ({ service, id }: Pick<Instance, 'service' | 'id'>): string =>
  `$KV.${BUCKET}.${service}.${id}`;

/** @throws TypeError when a name cannot be part of a subject: one with a wildcard would speak for others */
export function assertKey({ service, id }: Pick<Instance, 'service' | 'id'>): void {
  for (const token of [service, id])
    if (!/^[\w-]{1,120}$/.test(token))
      throw new TypeError(`${JSON.stringify(token)} cannot name an instance: use letters, digits, "_" and "-"`);
}

/** What an entry of the bucket says; undefined when it is no description of an instance. */
export function instanceFrom(key: string, text: string): Instance | undefined {
  const [service, id, ...rest] = key.split('.');
  if (!service || !id || rest.length > 0) return undefined;
  try {
    const { url, process, draining } = JSON.parse(text) as Record<string, unknown>;
    if (typeof url !== 'string' || !/^https?:$/.test(new URL(url).protocol)) return undefined;
    return {
      service,
      id,
      url: new URL(url).origin,
      ...(typeof process === 'string' && { process }),
      ...(draining === true && { draining }),
    };
  } catch {
    return undefined;
  }
}
