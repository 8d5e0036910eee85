import { median } from './statistics.mjs';

/**
 * The slope most pairs of points agree on (Theil and Sen): a few outliers, such as a garbage collection at the wrong
 * moment, do not move it.
 *
 * @param {{ x: number, y: number }[]} points
 * @see Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau", JASA 1968
 */
export function slope(points) {
  const slopes = points.flatMap((a, index) => points.slice(index + 1).map((b) => (b.y - a.y) / (b.x - a.x)));
  return median(slopes);
}

/** How much a figure grew over its samples, as a share of its middle: 0.05 is 5 %. */
export function growth(points) {
  const [first, last] = [points[0], points.at(-1)];
  return (slope(points) * (last.x - first.x)) / median(points.map(({ y }) => y));
}
