import type { OutlierSettings } from './outlier.js';
import { pick } from './pick.js';
import type { Replica } from './replica.js';

/** How long a ready answer vouches for a replica at least, milliseconds. */
export const FRESH_MS = 1_500;

/** Who gets the next request. */
export interface Choice {
  /** Undefined when nobody can be asked. */
  replica: Replica | undefined;
  /** So few are healthy that health was ignored. */
  panic: boolean;
}

/** What a choice depends on besides the replicas. */
export interface ChooseOptions {
  /** Milliseconds, monotonic. */
  now: number;
  settings: Pick<OutlierSettings, 'panicBelow'>;
  /** Replicas that were tried already. */
  except?: ReadonlySet<Replica>;
  random?: () => number;
  /**
   * Milliseconds for which a ready answer vouches for a replica that the registry has not heard of; default 1,500. Longer
   * than it takes until the next answer to a probe.
   */
  freshMs?: number;
}

/**
 * Who of a service's replicas gets the next request: of the healthy ones the one that `pick` finds.
 *
 * When less than half are healthy it is more likely that health is misjudged, or that the rest would drown, than that all
 * the others are dead: then all are used, except those that say themselves that they want nothing (panic mode). What the
 * registry has not heard of for too long gets work only when nobody else is there and it says itself that it is ready: it
 * may be the registry that does not hear. A draining replica gets none, ever.
 */
export function choose(
  replicas: readonly Replica[],
  { now, settings, except, random, freshMs = FRESH_MS }: ChooseOptions,
): Choice {
  const up = replicas.filter(({ listed }) => listed === 'up');
  const healthy = up.filter((one) => one.healthyAt(now));
  const panic = up.length > 0 && healthy.length < up.length * settings.panicBelow;
  const untried = (all: readonly Replica[]) => (except?.size ? all.filter((one) => !except.has(one)) : all);
  const candidates = untried(panic ? up.filter(({ host }) => host.health !== 'unready') : healthy);
  if (candidates.length > 0) return { replica: pick(candidates, random), panic };
  const unheard = replicas.filter(({ listed, host }) => listed === 'silent' && host.readyWithin(freshMs));
  return { replica: pick(untried(unheard), random), panic };
}
