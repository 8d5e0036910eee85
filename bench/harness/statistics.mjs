/** The middle value; of an even number the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value below which a share of all values lies, by the nearest rank. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Median with the extremes. */
export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** What one figure of a sample is called, and how it follows from what was counted. */
const figures = {
  rate: ({ ops, seconds }) => ops / seconds,
  clientCpu: ({ clientCpuUs, ops }) => clientCpuUs / ops,
  postgresCpu: ({ postgresCpuUs, ops }) => postgresCpuUs / ops,
  p50: ({ p50Ms }) => p50Ms,
};

/** One figure of a contestant over all rounds. */
export function figureOf(samples, key, figure) {
  return samples[key].map(figures[figure]);
}

/**
 * A figure of one contestant divided by another's, round by round: what disturbs a round disturbs both.
 *
 * @param {'rate' | 'clientCpu' | 'postgresCpu' | 'p50'} figure
 */
export function paired(samples, key, peer, figure) {
  const peers = figureOf(samples, peer, figure);
  return spread(figureOf(samples, key, figure).map((value, round) => value / peers[round]));
}
