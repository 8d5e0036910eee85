import type { Instance, Registration, Registry } from './registry.js';

/** How often, and who is told of trouble. */
export interface KeepRegisteredOptions {
  /** Milliseconds from one heartbeat to the next; default 1,000: two may get lost within the TTL. */
  everyMs?: number;
  /** Told once when the registry goes away, and once with `undefined` when it is back. */
  failed?: (error: unknown) => void;
}

/** An instance that says by itself, again and again, that it is here. */
export interface Presence {
  /** Takes no new work from now on; the heartbeat goes on. Never rejects: who cannot be told will notice. */
  drain(): Promise<void>;
  /** The last word; the heartbeat ends. Never rejects. */
  leave(): Promise<void>;
}

/**
 * Registers an instance and renews it until it leaves. A registry that is away is tried again at every heartbeat: the
 * instance goes on working, since who has its address keeps it.
 *
 * @example
 * const presence = keepRegistered(registry, { service: 'letters', id: 'letters-1-x3f', url: 'http://10.0.0.7:3000' });
 * await presence.drain(); // the first step of a shutdown
 * await presence.leave(); // when everything in flight is done
 */
export function keepRegistered(registry: Registry, instance: Instance, options: KeepRegisteredOptions = {}): Presence {
  const { everyMs = 1_000, failed = () => {} } = options;
  let registration: Registration | undefined;
  let draining = false;
  let left = false;
  let away = false;
  let last: Promise<void> = Promise.resolve();

  const said = async (): Promise<void> => {
    try {
      if (registration && !draining) await registration.renew();
      else if (registration) await registration.drain();
      else registration = await registry.register({ ...instance, ...(draining && { draining }) });
      if (away) failed(undefined);
      away = false;
    } catch (error) {
      if (!away && !left) failed(error);
      away = true;
    }
  };
  // One word at a time: a heartbeat that overtakes a good-bye would bring the instance back.
  const say = (): Promise<void> => (last = last.then(() => (left ? undefined : said())));
  let waiting = false;
  const beat = (): void => {
    if (waiting) return;
    waiting = true;
    void say().finally(() => (waiting = false));
  };
  const timer = setInterval(beat, everyMs).unref();
  beat();

  return {
    drain: () => {
      draining = true;
      return say();
    },
    leave: async () => {
      clearInterval(timer);
      await last;
      left = true;
      await registration?.leave().catch(() => {}); // it is found out by its silence
    },
  };
}
