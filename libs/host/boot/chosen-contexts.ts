import type { Context } from '../context/context.js';

export class UnknownContext extends Error {
  override readonly name = 'UnknownContext';
}

/**
 * The contexts named in `CONTEXTS`, or all of them.
 *
 * @throws UnknownContext naming what is not among them
 */
export function chosenContexts(available: readonly Context[], names: string | undefined): readonly Context[] {
  const chosen =
    names
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean) ?? [];
  if (chosen.length === 0) return available;
  const unknown = chosen.filter((name) => !available.some((context) => context.name === name));
  if (unknown.length > 0) {
    const known = available.map(({ name }) => name).join(', ');
    throw new UnknownContext(`CONTEXTS names ${unknown.join(', ')}, but this process only has ${known}`);
  }
  return available.filter(({ name }) => chosen.includes(name));
}
