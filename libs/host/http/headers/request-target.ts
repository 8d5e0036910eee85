import type { IncomingMessage } from 'node:http';
import { badRequest } from '../problem/problems.js';

/** Characters a path may contain unescaped (RFC 3986 pchar, without `;`), and escapes. */
const PLAIN_PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,=:@/]|%[0-9A-Fa-f]{2})*$/;
/** Escapes of `%`, `/`, `;`, `\`, control characters and DEL: each gives a path a second reading. */
const AMBIGUOUS_ESCAPE = /%(?:25|2f|3b|5c|[01][0-9a-f]|7f)/i;
const MAX_LENGTH = 4_096;

/**
 * Refuses request targets that two programs could read differently, so that no proxy, log or rule ever sees another
 * path than the router does. Routes are case-sensitive and have no trailing-slash twins.
 *
 * @throws ProblemException 400 `invalid-path`
 */
export function guardTarget(request: IncomingMessage): void {
  const target = request.url ?? '';
  if (target.length > MAX_LENGTH) throw refused('The request target is too long.');
  const query = target.indexOf('?');
  const path = query === -1 ? target : target.slice(0, query);
  if (!PLAIN_PATH.test(path)) throw refused('The path contains a character that must not be there.');
  if (AMBIGUOUS_ESCAPE.test(path)) throw refused('The path contains an escape with more than one reading.');
  if (path.includes('//')) throw refused('The path contains an empty segment.');
  if (hasDotSegment(path)) throw refused('The path contains a dot segment.');
  if (query !== -1) guardQuery(target.slice(query + 1));
  if (request.httpVersion === '1.1' && request.headers.host === undefined) {
    throw badRequest({ detail: 'The Host header is missing.' });
  }
}

function hasDotSegment(path: string): boolean {
  return path.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
}

function guardQuery(query: string): void {
  if (/%00/.test(query)) throw refused('The query contains a null character.');
  try {
    decodeURIComponent(query);
  } catch {
    throw refused('The query is not valid percent-encoded UTF-8.');
  }
}

const refused = (detail: string) => badRequest({ type: 'invalid-path', detail });
