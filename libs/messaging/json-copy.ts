/** So deep that it may well be a circle; JSON itself then says so. */
const DEEP = 64;
/** This value is for JSON itself to judge: an instance, a date, something deep, something that no JSON can say. */
const ASK_JSON = Symbol('ask JSON');

/**
 * A value as it looks after a journey, that is `JSON.parse(JSON.stringify(value))`. Plain data, nearly everything that
 * travels, is copied without writing and reading text.
 *
 * @throws TypeError what `JSON.stringify` throws: of circles and of bigints
 */
export function copyAsJson<T>(value: T): T {
  const copied = copyOf(value, 0);
  if (copied !== ASK_JSON) return copied as T;
  const text = JSON.stringify(value) as string | undefined;
  return (text === undefined ? undefined : JSON.parse(text)) as T;
}

/** Whether a value looks after a journey as it does before: then nobody need look at a copy. May say no to one that does. */
export function isJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || depth > DEEP || hasItsOwnWords(value)) return false;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) if (!isJson(value[at], depth + 1)) return false;
    return true;
  }
  if (!isPlain(value)) return false;
  for (const key of Object.keys(value)) if (key === '__proto__' || !isJson(value[key], depth + 1)) return false;
  return true;
}

function copyOf(value: unknown, depth: number): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || value === undefined) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null; // -0 arrives as 0
  if (typeof value !== 'object' || depth > DEEP || hasItsOwnWords(value)) return ASK_JSON;
  if (Array.isArray(value)) return copyOfList(value, depth);
  return isPlain(value) ? copyOfRecord(value, depth) : ASK_JSON;
}

function copyOfList(list: unknown[], depth: number): unknown {
  const copied: unknown[] = [];
  for (let at = 0; at < list.length; at++) {
    const one = copyOf(list[at], depth + 1);
    if (one === ASK_JSON) return ASK_JSON;
    copied.push(one === undefined ? null : one);
  }
  return copied;
}

function copyOfRecord(record: Record<string, unknown>, depth: number): unknown {
  const copied: Record<string, unknown> = {};
  for (const key of Object.keys(record)) {
    const one = copyOf(record[key], depth + 1);
    if (one === ASK_JSON || key === '__proto__') return ASK_JSON;
    if (one !== undefined) copied[key] = one;
  }
  return copied;
}

function isPlain(value: object): value is Record<string, unknown> {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function hasItsOwnWords(value: object): boolean {
  return (value as { toJSON?: unknown }).toJSON !== undefined;
}
