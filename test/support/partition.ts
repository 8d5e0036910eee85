import { randomInt } from 'node:crypto';
import { CONTEXTS, TopologyFile } from './topology-file.js';

/** The one that a name or TOPOLOGIES asks for, as `partition:7` does; else the dice are thrown for it. */
export function seedOf(asked = ''): number {
  const [, seed] = /\bpartition:(\d+)/.exec(asked) ?? [];
  return seed === undefined ? randomInt(1_000_000) : Number(seed);
}

/**
 * A topology that nobody thought of: the contexts thrown into two to five processes, one of which may have a replica. The same
 * seed gives the same file.
 */
export function partitionFile(seed: number): TopologyFile {
  const groups = partition(seed);
  const twice = dice(seed + 1)(groups.length * 2);
  const processes = groups.map((contexts, index) => {
    return { name: `part-${index + 1}`, contexts, replicas: index === twice ? 2 : 1 };
  });
  return new TopologyFile(`partition-${seed}`, processes);
}

/** To be called at the top of a test file, at whose end it is gone. @returns its path */
export function writePartition(seed: number): string {
  const file = partitionFile(seed);
  afterAll(() => file[Symbol.dispose]());
  return file.path;
}

function partition(seed: number): string[][] {
  const roll = dice(seed);
  const groups = Array.from({ length: 2 + roll(4) }, (): string[] => []);
  for (const context of CONTEXTS) groups[roll(groups.length)]!.push(context);
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
