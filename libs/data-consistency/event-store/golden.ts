import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
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
  /**
   * Holds `<type>.v<version>.json` for every version a fact type ever had, `SHA256SUMS` over them, and for a stream with
   * snapshots `SNAPSHOTS`: what each golden event is folded to, by snapshot version.
   */
  folder: string;
  /** Data of every fact type as the code writes them today. Typed by the facts, so that no type is forgotten. */
  today: { readonly [F in FactOf<S> as F['type']]: F['data'] };
}

type Found = Map<string, { version: number; event: GoldenEvent; text: string }[]>;

/**
 * Holds a stream's upcasters and its `evolve` against golden events, one per fact type and version that ever was. Says
 * what is wrong, nothing when all is well: a fact type without a golden event of a version, one whose data changed but not
 * its version, a golden event that is no longer read as it was, or that somebody edited; and a fold that changed under
 * the same `snapshotVersion`, so that snapshots in some database would no longer stand for it. For tests; reads the folder.
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
  return [...strangers, ...each, ...editedFiles(folder, found), ...staleSnapshots(stream, samples, folder, found)];
}

interface Golden {
  type: string;
  version: number;
  event: GoldenEvent;
}

function foldOf(stream: Stream, samples: Record<string, object>, { type, version, event }: Golden) {
  const fact = lift(stream, { type, schemaVersion: version, data: structuredClone(event.data) });
  const before = (event.after ?? []).map((earlier) => ({ type: earlier, data: samples[earlier] }));
  return { fact, state: [...before, fact].reduce((so, one) => stream.evolve(so, one), stream.initial) };
}

function changedMeaning(stream: Stream, samples: Record<string, object>, { type, version, event }: Golden): string[] {
  const name = `${type}.v${version}.json`;
  try {
    const { fact, state } = foldOf(stream, samples, { type, version, event });
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

/** A line is `v<snapshot version>  <sum of the state>  <golden event>`: new ones are added, old ones never change. */
function staleSnapshots(stream: Stream, samples: Record<string, object>, folder: string, found: Found): string[] {
  if (!stream.snapshots) return [];
  const now = `v${stream.snapshots.version}`;
  const file = join(folder, 'SNAPSHOTS');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  const noted = new Map(
    lines.map((line) => line.split(/ +/)).map(([version, sum, name]) => [`${version} ${name}`, sum]),
  );
  return [...found].flatMap(([type, versions]) =>
    versions.flatMap(({ version, event }) => {
      const name = `${type}.v${version}.json`;
      const sum = sumOfFold(stream, samples, { type, version, event });
      const was = noted.get(`${now} ${name}`);
      if (sum === undefined || sum === was) return [];
      if (was === undefined) return [`SNAPSHOTS has no line "${now}  ${sum}  ${name}"`];
      return [`${name} is folded to another state than snapshots of ${now} hold: count snapshotVersion up`];
    }),
  );
}

/** Undefined when it cannot be read, which is said already. */
function sumOfFold(stream: Stream, samples: Record<string, object>, golden: Golden): string | undefined {
  try {
    return sha256(JSON.stringify(sorted(foldOf(stream, samples, golden).state)) ?? '');
  } catch {
    return undefined;
  }
}

/** The order of properties means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
