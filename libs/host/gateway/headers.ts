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

/** Names and values in turn, as in Node's `rawHeaders`. */
export type Pairs = readonly string[];

/** Names whose fate is remembered at most, then all are forgotten: strangers may invent as many as they like. */
const REMEMBERED = 1_000;

/**
 * The headers of a request as a context may see them: duplicates kept as they came.
 *
 * Left out are hop-by-hop headers, also those that `Connection` names, claims of identity or origin, and what the gateway
 * says itself, the caller's token among it: a context gets one of its own.
 *
 * @param own said by the gateway
 */
export function requestHeaders(raw: Pairs, own: Pairs): string[] {
  const passed: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    if (mayComeIn(name)) passed.push(name, raw[at + 1]!);
    else if (namesOthers(name, raw[at + 1]!)) return requestHeaders(withoutNamed(raw), own);
  }
  for (const one of own) passed.push(one);
  return passed;
}

const admitted = new Map<string, boolean>();

function mayComeIn(name: string): boolean {
  const known = admitted.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const verdict = !HOP_BY_HOP.has(lower) && !OWN.has(lower) && !CLAIMS.test(lower.replaceAll('_', '-'));
  if (admitted.size === REMEMBERED) admitted.clear();
  admitted.set(name, verdict);
  return verdict;
}

/** Whether this is a `Connection` that names more than is usual, as nearly none does. */
const namesOthers = (name: string, value: string) => isConnection(name) && !isUsual(value);

const isConnection = (name: string) => name.length === 10 && name.toLowerCase() === 'connection';

const isUsual = (value: string) => value === 'keep-alive' || value === 'close';

/** What is left when everything that `Connection` names is gone, and itself. */
function withoutNamed(raw: Pairs): string[] {
  const named = new Set(['connection']);
  for (let at = 0; at < raw.length; at += 2)
    if (isConnection(raw[at]!)) for (const one of raw[at + 1]!.split(',')) named.add(one.trim().toLowerCase());
  return raw.filter((_, at) => !named.has(raw[at - (at % 2)]!.toLowerCase()));
}

const DROPPED = -1;
const PASSED = -2;

/** The headers of answers as the outside may see them, with those that every answer carries. */
export class AnswerHeaders {
  /** By name: dropped, passed, or which of ours it stands for. */
  private readonly fates = new Map<string, number>();
  private readonly ours: string[];

  /** @param always what every answer carries unless it says the same itself; 30 headers at most */
  constructor(private readonly always: Pairs) {
    this.ours = [...always.filter((_, at) => at % 2 === 0), 'x-request-id'];
  }

  /** @param requestId carried like the others */
  of(raw: Pairs, requestId: string): string[] {
    const passed: string[] = [];
    let said = 0;
    for (let at = 0; at < raw.length; at += 2) {
      const name = raw[at]!;
      const fate = this.fateOf(name);
      if (fate === DROPPED) {
        if (namesOthers(name, raw[at + 1]!)) return this.of(withoutNamed(raw), requestId);
        continue;
      }
      if (fate !== PASSED) said |= 1 << fate;
      passed.push(name, raw[at + 1]!);
    }
    const { always } = this;
    for (let at = 0; at < always.length; at += 2)
      if ((said & (1 << (at / 2))) === 0) passed.push(always[at]!, always[at + 1]!);
    if ((said & (1 << (always.length / 2))) === 0) passed.push('x-request-id', requestId);
    return passed;
  }

  private fateOf(name: string): number {
    const known = this.fates.get(name);
    if (known !== undefined) return known;
    const lower = name.toLowerCase();
    const ours = this.ours.indexOf(lower);
    const fate = HOP_BY_HOP.has(lower) || INSIDE.test(lower) ? DROPPED : ours === -1 ? PASSED : ours;
    if (this.fates.size === REMEMBERED) this.fates.clear();
    this.fates.set(name, fate);
    return fate;
  }
}

/** The first value of a header; undefined when it is not there. */
export function headerOf(raw: Pairs, lower: string): string | undefined {
  for (let at = 0; at < raw.length; at += 2)
    if (raw[at]!.length === lower.length && raw[at]!.toLowerCase() === lower) return raw[at + 1];
  return undefined;
}
