/** Something that may be chosen. */
export interface Candidate {
  /** Requests it is working on for us. */
  readonly inFlight: number;
}

/**
 * The power of two choices: two at random, and of these the one with less to do. Nearly as even as looking at all of them,
 * but without the herd that follows when several balancers all see the same one idle (Mitzenmacher, "The Power of Two
 * Choices in Randomized Load Balancing", IEEE TPDS 2001; Envoy's default for least request). With two candidates it is
 * exactly least-loaded.
 *
 * @param random uniform in [0, 1); default `Math.random`
 * @example pick(replicas)?.dispatch(…)
 */
export function pick<T extends Candidate>(candidates: readonly T[], random: () => number = Math.random): T | undefined {
  const { length } = candidates;
  if (length < 2) return candidates[0];
  const first = Math.floor(random() * length);
  const other = Math.floor(random() * (length - 1));
  const [one, two] = [candidates[first]!, candidates[other < first ? other : other + 1]!];
  return two.inFlight < one.inFlight ? two : one;
}
