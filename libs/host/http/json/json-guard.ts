import { badRequest } from '../problem/problems.js';
import type { ProblemException } from '../problem/problem.exception.js';

export interface JsonLimits {
  /** Objects and arrays inside one another. Default 32. */
  depth: number;
  /** Keys of all objects together. Default 1,000. */
  keys: number;
  /** Values of all arrays together. Default 10,000. */
  items: number;
}

export const JSON_LIMITS: JsonLimits = { depth: 32, keys: 1_000, items: 10_000 };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Names that reach, or hide, what every object inherits. */
const FORBIDDEN_KEYS = new Set([...Object.getOwnPropertyNames(Object.prototype), 'prototype']);
const SURROGATE_OR_NUL = /\\(?:u([0-9a-fA-F]{4})|[^u])/g;
const INTEGER = /^-?\d+$/;

/**
 * Reads the text once, from left to right and without recursion, and refuses what `JSON.parse` would accept silently:
 * too much nesting or width, duplicate keys (last wins), keys that reach the prototype, `\u0000` and lone surrogates
 * (PostgreSQL refuses or alters them), integers beyond 2^53 and numbers beyond the range of a double.
 * Grammar is left to `JSON.parse`: on malformed text this may find nothing.
 *
 * @throws ProblemException 400 `unsafe-json`
 */
export function guardJson(text: string, limits: JsonLimits = JSON_LIMITS): void {
  /** The keys seen in each open object; `undefined` for an open array. */
  const open: (Set<string> | undefined)[] = [];
  let keys = 0;
  let items = 0;
  let expectsKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      const raw = text.slice(at + 1, end);
      guardEscapes(raw);
      const seen = open.at(-1);
      if (expectsKey && seen) {
        if ((keys += 1) > limits.keys) throw unsafe('keys', `More than ${limits.keys} keys.`);
        guardKey(decoded(raw), seen);
        expectsKey = false;
      }
      at = end;
    } else if (code === 0x7b || code === 0x5b) {
      if (open.length >= limits.depth) throw unsafe('depth', `Nested more than ${limits.depth} levels deep.`);
      open.push(code === 0x7b ? new Set() : undefined);
      expectsKey = code === 0x7b;
    } else if (code === 0x7d || code === 0x5d) {
      open.pop();
      expectsKey = false;
    } else if (code === 0x2c) {
      const seen = open.at(-1);
      expectsKey = seen !== undefined;
      if (!seen && (items += 1) > limits.items) throw unsafe('items', `More than ${limits.items} list items.`);
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      const end = endOfNumber(text, at);
      guardNumber(text.slice(at, end));
      at = end - 1;
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at += 1;
  }
  return text.length;
}

function endOfNumber(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const belongs = (code >= 0x30 && code <= 0x39) || code === 0x2e || code === 0x65 || code === 0x45;
    if (!belongs && code !== 0x2b && code !== 0x2d) break;
    at += 1;
  }
  return at;
}

function guardEscapes(raw: string): void {
  if (!raw.includes('\\')) return;
  let pendingHighEndsAt = -1;
  for (const match of raw.matchAll(SURROGATE_OR_NUL)) {
    const code = match[1] === undefined ? -1 : Number.parseInt(match[1], 16);
    if (code === 0) throw unsafe('nul', 'The character \\u0000 is not accepted.');
    const isLow = code >= 0xdc00 && code <= 0xdfff;
    const isAwaited = pendingHighEndsAt !== -1;
    if (isAwaited ? !isLow || pendingHighEndsAt !== match.index : isLow) throw loneSurrogate();
    pendingHighEndsAt = code >= 0xd800 && code <= 0xdbff ? match.index + match[0].length : -1;
  }
  if (pendingHighEndsAt !== -1) throw loneSurrogate();
}

function guardKey(key: string | undefined, seen: Set<string>): void {
  if (key === undefined) return;
  if (FORBIDDEN_KEYS.has(key)) throw unsafe('forbidden-key', `The key "${key}" is not accepted.`);
  if (seen.has(key)) throw unsafe('duplicate-key', 'A key occurs twice in one object.');
  seen.add(key);
}

function decoded(raw: string): string | undefined {
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return undefined;
  }
}

function guardNumber(literal: string): void {
  const value = Number(literal);
  if (Number.isNaN(value)) return;
  if (!Number.isFinite(value)) throw unsafe('number', 'A number is too large.');
  if (!Number.isSafeInteger(value) && INTEGER.test(literal)) {
    throw unsafe('number', 'A whole number is too large to be read exactly.');
  }
}

const loneSurrogate = (): ProblemException => unsafe('surrogate', 'A surrogate without its partner is not accepted.');

const unsafe = (rule: string, detail: string): ProblemException =>
  badRequest({ type: 'unsafe-json', detail, field: '', rule });
