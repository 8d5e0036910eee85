import type { IncomingHttpHeaders } from 'node:http';

/** The little of a Fastify or Express request that authentication looks at. */
export interface HttpRequest {
  readonly headers: IncomingHttpHeaders;
  /** Fastify keeps Node's request here; Express is Node's request. */
  readonly raw?: { readonly rawHeaders?: readonly string[] };
  readonly rawHeaders?: readonly string[];
}

/** Longest `Authorization` header looked at: an 8 kB token and the scheme. */
const longest = 8 * 1024 + 16;

/**
 * The bearer token of a request (RFC 6750 §2.1). Only the `Authorization` header counts: a token in the query, the
 * body or a cookie is not seen.
 *
 * @returns `undefined` when there is none, when the scheme is another, and when the header was sent more than once.
 *   Node keeps the first of several, a proxy may have looked at the last, so none of them is believed.
 */
export function bearerToken(request: HttpRequest): string | undefined {
  const header = request.headers.authorization;
  if (typeof header !== 'string' || header.length > longest || sentTwice(request)) return undefined;
  return /^Bearer +([^\s,]+)$/i.exec(header)?.[1];
}

function sentTwice(request: HttpRequest): boolean {
  const names = request.raw?.rawHeaders ?? request.rawHeaders ?? [];
  let seen = 0;
  for (let at = 0; at < names.length; at += 2) {
    if (names[at].length === 13 && names[at].toLowerCase() === 'authorization') seen += 1;
  }
  return seen > 1;
}
