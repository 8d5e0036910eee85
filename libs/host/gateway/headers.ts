import type { IncomingHttpHeaders } from 'node:http';

/** Headers of one connection, never passed on (RFC 9110 §7.6.1); `Connection` may name more. */
const HOP_BY_HOP = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'trailers',
  'transfer-encoding',
  'upgrade',
]);

/** Said by the gateway itself, whatever came from outside. */
const OWN = new Set([
  'authorization',
  'content-length',
  'expect',
  'host',
  'traceparent',
  'x-correlation-id',
  'x-request-id',
]);

/** Said by contexts to the gateway alone. */
const INSIDE = /^x-holdfast-/;

/**
 * Headers by which something behind a gateway may be told who calls, from where, or what was really asked. Nobody outside
 * says such things: `_` counts as `-`, because some servers read it so.
 */
const CLAIMS =
  /^(?:x-(?:accel|amzn|auth|authenticated|client|cluster|consumer|correlation|envoy|forward|forwarded|goog|holdfast|host|http-method|internal|jwt|method|ms-client|original|principal|proxy|real|remote|request-deadline|request-id|rewrite|roles?|scopes?|spiffe|ssl|subject|tenant|token|true|user|username)(?:-|$)|(?:baggage|cf-connecting-ip|client-ip|fastly-client-ip|forwarded|front-end-https|grpc-timeout|proxy|remote-(?:addr|groups?|user)|ssl-client.*|tracestate|true-client-ip|via)$)/;

type Pairs = readonly string[];

/**
 * The headers of a request as a context may see them: a flat list of names and values, duplicates kept as they came.
 *
 * Left out are hop-by-hop headers, also those that `Connection` names, claims of identity or origin, and what the gateway
 * says itself, the caller's token among it: a context gets one of its own.
 *
 * @param raw Node's `rawHeaders`
 * @param own said by the gateway
 */
export function requestHeaders(raw: Pairs, own: Record<string, string>): string[] {
  const named = namedByConnection(pairsOf(raw));
  const passed = pairsOf(raw).filter(([name]) => {
    const lower = name.toLowerCase();
    return !HOP_BY_HOP.has(lower) && !named.has(lower) && !OWN.has(lower) && !CLAIMS.test(lower.replaceAll('_', '-'));
  });
  return [...passed, ...Object.entries(own)].flat();
}

/** The headers of an answer as the outside may see them. */
export function responseHeaders(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const named = namedByConnection([['connection', String(headers.connection ?? '')]]);
  const passed = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] =>
      entry[1] !== undefined && !HOP_BY_HOP.has(entry[0]) && !named.has(entry[0]) && !INSIDE.test(entry[0]),
  );
  return Object.fromEntries(passed);
}

function pairsOf(raw: Pairs): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [raw[2 * index]!, raw[2 * index + 1]!]);
}

function namedByConnection(pairs: readonly [string, string][]): Set<string> {
  const values = pairs.filter(([name]) => name.toLowerCase() === 'connection').map(([, value]) => value);
  return new Set(values.flatMap((value) => value.split(',')).map((name) => name.trim().toLowerCase()));
}
