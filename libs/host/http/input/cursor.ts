import { badRequest } from '../problem/problems.js';
import { UUID } from './text.js';

/** Tells whether a value read from a cursor is what it must be. */
export type Check<T> = (value: unknown) => value is T;

export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);
export const isInstant = (value: unknown): value is string =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/.test(value) &&
  !Number.isNaN(Date.parse(value));

/** Longest cursor accepted, in characters. */
export const MAX_CURSOR = 512;

/** A place in a list that clients pass back unread: base64url of JSON. */
export interface Cursor<T extends object> {
  encode(place: T): string;
  /** @throws ProblemException 400 naming the field `cursor` */
  decode(text: string): T;
}

/**
 * Declares what a list's cursor holds. A cursor comes back from outside: every value is checked, nothing else passes.
 *
 * @example
 * const page = defineCursor({ placedAt: isInstant, id: isUuid });
 * const after = query.cursor === undefined ? undefined : page.decode(query.cursor);
 * return { items, nextCursor: page.encode({ placedAt: last.placedAt, id: last.id }) };
 */
export function defineCursor<T extends object>(checks: { [K in keyof T]: Check<T[K]> }): Cursor<T> {
  const names = Object.keys(checks) as (keyof T & string)[];
  return {
    encode: (place) => Buffer.from(JSON.stringify(names.map((name) => place[name]))).toString('base64url'),
    decode(text) {
      const values = readCursor(text);
      if (!values || values.length !== names.length) throw badCursor();
      const place: Partial<T> = {};
      for (const [index, name] of names.entries()) {
        const value = values[index];
        if (!checks[name](value)) throw badCursor();
        place[name] = value;
      }
      return place as T;
    },
  };
}

/** The values inside a cursor, unchecked; `undefined` when it is not one. */
export function readCursor(text: string): unknown[] | undefined {
  if (text.length === 0 || text.length > MAX_CURSOR || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    const values: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(values) ? values : undefined;
  } catch {
    return undefined;
  }
}

const badCursor = () =>
  badRequest({
    type: 'invalid-input',
    field: 'cursor',
    rule: 'cursor',
    detail: 'must be a cursor this list has given',
  });
