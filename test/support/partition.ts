import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/launch/app.mjs';

/**
 * A topology that nobody thought of: the contexts thrown into two to five processes, one of which may have a replica. The same
 * seed gives the same file.
 */
export function writePartition(seed: number): string {
  const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'holdfast-partition-')), `partition-${seed}.yaml`);
  const groups = partition(seed);
  const twice = dice(seed + 1)(groups.length * 2);
  const lines = groups.map((contexts, index) => {
    const replicas = index === twice ? ', replicas: 2' : '';
    return `  - { name: part-${index + 1}, contexts: [${contexts.join(', ')}]${replicas} }`;
  });
  writeFileSync(
    file,
    [`name: partition-${seed}`, 'processes:', '  - { name: gateway, app: gateway }', ...lines, ''].join('\n'),
  );
  return file;
}

export function partition(seed: number): string[][] {
  const roll = dice(seed);
  const contexts = readdirSync(path.join(root, 'libs/contexts')).sort();
  const groups = Array.from({ length: 2 + roll(4) }, (): string[] => []);
  for (const context of contexts) groups[roll(groups.length)]!.push(context);
  return groups.filter(({ length }) => length > 0);
}

/** Whole numbers below `sides`, always the same ones for a seed (mulberry32). */
function dice(seed: number): (sides: number) => number {
  let state = seed >>> 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}
