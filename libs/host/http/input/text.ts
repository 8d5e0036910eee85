import type { Holds } from './rule.js';

export const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
/** The pattern of `Sku` in message contracts: what the edge lets in, contracts let through. */
export const SKU = /^[A-Z0-9][A-Z0-9-]{1,31}$/;
/** Deliberately loose (only a letter sent there proves an address), but without quotes, spaces and control characters. */
export const EMAIL =
  /^[^\s@"(),:;<>[\]\\\x00-\x1f\x7f]{1,64}@[^\s@"(),:;<>[\]\\\x00-\x1f\x7f.]+(?:\.[^\s@"(),:;<>[\]\\\x00-\x1f\x7f.]+)+$/;
/** One line: no C0 and C1 control characters, no space at either end. */
export const PLAIN_TEXT = /^[^\s\x00-\x1f\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?$/;

/** Whether PostgreSQL can store the text as it is: no NUL, no surrogate without its partner. */
export const isWellFormed = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');

/** Length in code points; stops counting when the text must be longer than `atMost`. */
export function codePoints(text: string, atMost: number): number {
  if (text.length > atMost * 2) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export const onText =
  (holds: (text: string) => boolean): Holds =>
  (value) =>
    typeof value !== 'string' || holds(value);
