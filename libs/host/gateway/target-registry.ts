import { readFileSync } from 'node:fs';

/** Where each context answers: one address per replica. */
export type TargetRegistry = ReadonlyMap<string, readonly string[]>;

export class InvalidTargets extends Error {
  override readonly name = 'InvalidTargets';
}

/**
 * Reads `HOLDFAST_TARGETS`: JSON, or the path of a file that holds it.
 *
 * @param contexts every context that has routes; each must have a target
 * @throws InvalidTargets naming everything that is wrong
 * @example readTargets('{"orders":["http://127.0.0.1:4001"]}', ['orders'])
 */
export function readTargets(text: string, contexts: readonly string[]): TargetRegistry {
  const parsed = parsedTargets(text.trimStart().startsWith('{') ? text : contentOf(text));
  const entries = Object.entries(parsed).map(([context, urls]) => [context, [urls].flat() as unknown[]] as const);
  const known = new Map(entries);
  const faults = [
    ...entries.flatMap(([context, urls]) =>
      urls.filter((url) => !isOrigin(url)).map((url) => notAnOrigin(context, url)),
    ),
    ...contexts.filter((context) => !known.get(context)?.length).map((context) => `nobody answers for ${context}`),
  ];
  if (faults.length > 0) throw new InvalidTargets(`HOLDFAST_TARGETS:\n${faults.map((one) => `  - ${one}`).join('\n')}`);
  return new Map(entries.map(([context, urls]) => [context, urls.map((url) => new URL(String(url)).origin)]));
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidTargets(`HOLDFAST_TARGETS names ${file}, which cannot be read (${(error as Error).message})`);
  }
}

function parsedTargets(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new InvalidTargets('HOLDFAST_TARGETS is not a JSON object of context: [addresses]');
}

function isOrigin(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol, pathname, search, username } = new URL(url);
  return /^https?:$/.test(protocol) && pathname === '/' && search === '' && username === '';
}

const notAnOrigin = (context: string, url: unknown) =>
  `${context}: ${JSON.stringify(url)} is not an address such as http://127.0.0.1:4001`;
