import type { FactOf, Stream } from './stream.js';

/** A fact as it lies in the store. */
export interface WrittenFact {
  type: string;
  schemaVersion: number;
  data: Record<string, unknown>;
}

/** The version under which a stream stores a fact today. */
export function currentVersion(stream: Stream, type: string): number {
  return (stream.upcasters[type]?.length ?? 0) + 1;
}

/**
 * Lifts a stored fact to its current version, step by step.
 *
 * @throws Error when it was written by newer code than this: guessing at it would be wrong
 */
export function lift<S extends Stream>(stream: S, { type, schemaVersion, data }: WrittenFact): FactOf<S> {
  const current = currentVersion(stream, type);
  if (schemaVersion === current) return { type, data } as unknown as FactOf<S>;
  if (schemaVersion > current) {
    throw new Error(`${stream.name}: ${type} is stored at version ${schemaVersion}, which is newer than this code`);
  }
  const steps = stream.upcasters[type]!.slice(schemaVersion - 1);
  return { type, data: steps.reduce((older, upcast) => upcast(older), data) } as unknown as FactOf<S>;
}
