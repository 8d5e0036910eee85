import { AnswerUnreadable } from './answer-errors.js';

/** How the end of a body is known (RFC 9112 §6.3): after so many bytes, by its chunks, or when the connection ends. */
export type BodyEnd = number | 'chunked' | 'close';

/** The head of an answer, read strictly. */
export interface AnswerHead {
  status: number;
  reason: string;
  /** Names and values in turn, as they came. */
  headers: string[];
  end: BodyEnd;
  /** Milliseconds that the connection may stay idle and then be used again; 0 when it must not. */
  keepMs: number;
}

/** How long a connection may be idle when its server says nothing of its patience, milliseconds. */
export const KEEP_MS = 4_000;
/** Given up this much before the server would: a request must not cross its farewell. */
const MARGIN_MS = 2_000;
const LONGEST_KEEP_MS = 600_000;

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: (.*))?$/;
/** A control character but tab, or half of an end of line. */
const STRAY = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|[^\r]\n/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const KNOWN_LIMIT = 1_000;

/** Names seen before and well-formed, in lower case by how they were written. */
const known = new Map<string, string>();

/**
 * Reads the head of an answer, up to and without the empty line. Everything that two programs could read differently is
 * refused: two lengths, a length and chunks, folded lines, blanks before a colon, bare line feeds.
 *
 * @param text one character per byte (latin1)
 * @param method of the request: an answer to `HEAD` has no body
 * @throws AnswerUnreadable when it is not the head of an HTTP/1 answer
 */
export function readAnswerHead(text: string, method: string): AnswerHead {
  if (STRAY.test(text)) throw new AnswerUnreadable('a control character');
  let at = endOfLine(text, 0);
  const [, minor, digits, reason = ''] = STATUS_LINE.exec(text.slice(0, at)) ?? refuse('its status line');
  const status = Number(digits);
  const headers: string[] = [];
  let length: number | undefined;
  let isChunked = false;
  let keepMs = minor === '1' ? KEEP_MS : 0;
  while (at < text.length) {
    const from = at + 2;
    at = endOfLine(text, from);
    const colon = text.indexOf(':', from);
    if (colon === -1 || colon > at) refuse('a line without a name');
    const name = text.slice(from, colon);
    const value = valueBetween(text, colon + 1, at);
    headers.push(name, value);
    switch (lowerCase(name)) {
      case 'content-length':
        if (!/^\d{1,15}$/.test(value) || length !== undefined) refuse('its length');
        length = Number(value);
        break;
      case 'transfer-encoding':
        if (value.toLowerCase() !== 'chunked' || isChunked) refuse('its coding');
        isChunked = true;
        break;
      case 'connection':
        if (/(?:^|[\s,])close(?:$|[\s,])/i.test(value)) keepMs = 0;
        break;
      case 'keep-alive':
        if (keepMs > 0) keepMs = patienceOf(value);
    }
  }
  if (isChunked && length !== undefined) refuse('a length and chunks');
  const hasBody = method !== 'HEAD' && status >= 200 && status !== 204 && status !== 304;
  const end = hasBody ? (isChunked ? 'chunked' : (length ?? 'close')) : 0;
  return { status, reason, headers, end, keepMs: end === 'close' ? 0 : keepMs };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\r\n', from);
  return end === -1 ? text.length : end;
}

/** Without blanks and tabs around it. */
function valueBetween(text: string, from: number, to: number): string {
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

const isBlank = (code: number) => code === 32 || code === 9;

function patienceOf(value: string): number {
  const seconds = /(?:^|[\s,])timeout=(\d{1,6})/i.exec(value)?.[1];
  if (seconds === undefined) return KEEP_MS;
  return Math.max(0, Math.min(LONGEST_KEEP_MS, Number(seconds) * 1_000 - MARGIN_MS));
}

function lowerCase(name: string): string {
  const lower = known.get(name);
  if (lower !== undefined) return lower;
  if (!TOKEN.test(name)) refuse('the name of a header');
  const learnt = name.toLowerCase();
  if (known.size < KNOWN_LIMIT) known.set(name, learnt);
  return learnt;
}

function refuse(what: string): never {
  throw new AnswerUnreadable(what);
}
