import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { FactOf, Stream } from './stream.js';
import { currentVersion, lift } from './upcasting.js';

/** A fact as some version of the code has stored it, and what it means: kept for ever, never edited. */
interface GoldenEvent {
  /** Types of facts that came before it, at their current version. */
  after?: string[];
  data: Record<string, unknown>;
  /** The fact's data as the code sees them today, when they differ from this type's data in `today`. */
  lifted?: object;
  /** The aggregate's state after it. */
  state: unknown;
}

/** Golden events of one stream, and what the code writes today. */
export interface GoldenSet<S extends Stream> {
  /** Holds `<type>.v<version>.json` for every version a fact type ever had, and `SHA256SUMS` over them. */
  folder: string;
  /** Data of every fact type as the code writes them today. Typed by the facts, so that no type is forgotten. */
  today: { readonly [F in FactOf<S> as F['type']]: F['data'] };
}

type Found = Map<string, { version: number; event: GoldenEvent; text: string }[]>;

/**
 * Holds a stream's upcasters and its `evolve` against golden events, one per fact type and version that ever was. Says
 * what is wrong, nothing when all is well: a fact type without a golden event of a version, one whose data changed but not
 * its version, a golden event that is no longer read as it was, or that somebody edited. For tests; reads the folder.
 *
 * @example
 * it('reads every fact ever stored', () => expect(goldenFaults(accountStream, { folder, today })).toEqual([]));
 */
export function goldenFaults<S extends Stream>(stream: S, { folder, today }: GoldenSet<S>): string[] {
  const samples = today as Record<string, object>;
  const found = readGolden(folder);
  const strangers = [...found.keys()].filter((type) => !(type in samples)).map((type) => `${type} is no fact type`);
  const each = Object.keys(samples).flatMap((type) => {
    const versions = found.get(type) ?? [];
    const missing = Array.from({ length: currentVersion(stream, type) }, (_, index) => index + 1)
      .filter((version) => !versions.some((golden) => golden.version === version))
      .map((version) => `${type}.v${version}.json is missing`);
    const meanings = versions.flatMap(({ version, event }) =>
      changedMeaning(stream, samples, { type, version, event }),
    );
    return [...missing, ...meanings];
  });
  return [...strangers, ...each, ...editedFiles(folder, found)];
}

function changedMeaning(
  stream: Stream,
  samples: Record<string, object>,
  { type, version, event }: { type: string; version: number; event: GoldenEvent },
): string[] {
  const name = `${type}.v${version}.json`;
  try {
    const fact = lift(stream, { type, schemaVersion: version, data: structuredClone(event.data) });
    const before = (event.after ?? []).map((earlier) => ({ type: earlier, data: samples[earlier] }));
    const state = [...before, fact].reduce((so, one) => stream.evolve(so, one), stream.initial);
    return [
      ...(same(fact.data, event.lifted ?? samples[type]) ? [] : [`${name} is read as ${JSON.stringify(fact.data)}`]),
      ...(same(state, event.state) ? [] : [`${name} now means ${JSON.stringify(state)}`]),
    ];
  } catch (error) {
    return [`${name} cannot be read: ${(error as Error).message}`];
  }
}

/** As JSON sees it: what is stored and answered is JSON. */
function same(actual: unknown, expected: unknown): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(actual ?? null)), JSON.parse(JSON.stringify(expected ?? null)));
}

const FILE = /^(?<type>[a-z][a-z0-9-]*)\.v(?<version>[1-9]\d*)\.json$/;

function readGolden(folder: string): Found {
  const found: Found = new Map();
  for (const file of readdirSync(folder)) {
    const { type, version } = FILE.exec(file)?.groups ?? {};
    if (type === undefined || version === undefined) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    const golden = { version: Number(version), event: JSON.parse(text) as GoldenEvent, text };
    found.set(type, [...(found.get(type) ?? []), golden]);
  }
  return found;
}

function editedFiles(folder: string, found: Found): string[] {
  const sums = readFileSync(join(folder, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
  const actual = [...found].flatMap(([type, versions]) =>
    versions.map(({ version, text }) => `${sha256(text)}  ${type}.v${version}.json`),
  );
  const nameOf = (line: string) => line.slice(66);
  return [
    ...actual.filter((line) => !sums.includes(line)).map((line) => `${nameOf(line)} is not as SHA256SUMS has it`),
    ...sums
      .filter((line) => !actual.some((one) => nameOf(one) === nameOf(line)))
      .map((line) => `${nameOf(line)} is gone`),
  ];
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
