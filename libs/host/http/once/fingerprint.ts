import { hash } from 'node:crypto';

/** Above this many members the built-in sort is quicker; below it, what it allocates is most of a fingerprint's cost. */
const FEW = 16;

/** SHA-256 over the canonical form of some JSON: the order of an object's members does not matter. */
export function fingerprint(value: unknown): string {
  return hash('sha256', canonical(value), 'base64url');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const members = value as Record<string, unknown>;
  let text = '';
  for (const name of sorted(Object.keys(members))) {
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonical(members[name])}`;
  }
  return `{${text}}`;
}

/** Sorts in place, by UTF-16 code units as `sort()` does. */
function sorted(names: string[]): string[] {
  if (names.length > FEW) return names.sort();
  for (let at = 1; at < names.length; at++) {
    const name = names[at]!;
    let to = at;
    for (; to > 0 && names[to - 1]! > name; to--) names[to] = names[to - 1]!;
    names[to] = name;
  }
  return names;
}
