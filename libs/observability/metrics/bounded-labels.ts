import { Counter } from 'prom-client';
import { register } from './registry.js';

export type Labels<L extends string> = Record<L, string | number>;

const OVERFLOW = 'metrics_label_overflow_total';

/**
 * Lets a bounded number of label combinations through. What comes later is counted as `other`, and that it happened is
 * counted too: a metric must not grow with the imagination of callers.
 */
export function boundedLabels<L extends string>(options: {
  name: string;
  labels: readonly L[];
  maxSeries?: number;
}): (values: Labels<L>) => Labels<L> {
  const { name, labels, maxSeries = 1_000 } = options;
  const seen = new Set<string>();
  const other = Object.fromEntries(labels.map((label) => [label, 'other'])) as Labels<L>;

  return (values) => {
    let key = '';
    for (const label of labels) key += `${values[label]}\u0000`;
    if (seen.has(key)) return values;
    if (seen.size < maxSeries) {
      seen.add(key);
      return values;
    }
    overflow().inc({ metric: name });
    return other;
  };
}

function overflow(): Counter<'metric'> {
  const help = 'Observations counted under the label value "other" because a metric has too many series';
  return (
    (register.getSingleMetric(OVERFLOW) as Counter<'metric'> | undefined) ??
    new Counter({ name: OVERFLOW, help, labelNames: ['metric'] })
  );
}
