import type { AnyContract, DataOf, Outgoing } from './contract.js';
import { ContractViolation } from './contract-violation.js';
import { newId } from './ids.js';

/** Who a message acts for: the subject and roles of the principal that caused it, nothing personal. */
export interface PrincipalContext {
  sub: string;
  roles: readonly string[];
}

/**
 * A message as it travels and as it is stored: a CloudEvents 1.0 envelope with the distributed-tracing extension and
 * three of our own (`correlationid`, `causationid`, `principal`), plus `dueat` for a message that must wait.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export interface Message<Data = unknown> {
  readonly specversion: '1.0';
  /** UUIDv7; with the handler's name it identifies one effect. */
  readonly id: string;
  /** The emitting context. */
  readonly source: string;
  /** Contract name and version: `accounts.account-opened.v1`. */
  readonly type: string;
  /** The ordering key. */
  readonly subject: string;
  /** When it was emitted, RFC 3339. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema: string;
  readonly traceparent?: string;
  /** The same for everything that one request set off. */
  readonly correlationid: string;
  /** The id of the message that this one was caused by. */
  readonly causationid?: string;
  readonly principal?: PrincipalContext;
  /** Not to be handled before this moment, RFC 3339. */
  readonly dueat?: string;
  readonly data: Data;
}

/** What surrounds a message at the moment it is emitted. */
export interface Circumstances {
  source: string;
  time: Date;
  traceparent?: string;
  correlationId?: string;
  causationId?: string;
  principal?: PrincipalContext;
  dueAt?: Date;
}

/** NUL and lone surrogates, as JSON escapes them: PostgreSQL stores neither, and such a message would stop the road. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i;

/**
 * Data of one message, as JSON: half of what a NATS server takes by default (`max_payload`, 1 MiB), and twice what the edge lets in
 * (256 kB). The same in one process, so that nothing works there that would stop a relay after a split.
 */
export const MAX_MESSAGE_BYTES = 512 * 1024;

/** Characters of a key: an inbox finds lanes by an index, and PostgreSQL takes no entry of more than 2,700 bytes. */
export const MAX_KEY_LENGTH = 512;

/**
 * Whether PostgreSQL can keep this JSON text: NUL and half a character it refuses as soon as somebody reads them.
 *
 * @param json as `JSON.stringify` writes it, which escapes both
 * @example isStorable(JSON.stringify({ name: 'Ada' })); // true
 */
export function isStorable(json: string): boolean {
  return !json.includes('\\u') || !UNSTORABLE.test(json); // the first look finds nothing nearly always, and costs nothing
}

const LAST_MS = Date.UTC(9_999, 11, 31, 23, 59, 59, 999);

/** Whether PostgreSQL and a wire message can say this moment: years of four digits, and no word for what was before clocks. */
function isDueable(time: Date): boolean {
  const ms = time.getTime();
  return ms >= 0 && ms <= LAST_MS;
}

/** The last moment written out: messages come many to the millisecond. */
let moment = { ms: Number.NaN, text: '' };

function textOf(time: Date): string {
  const ms = time.getTime();
  if (ms !== moment.ms) moment = { ms, text: time.toISOString() };
  return moment.text;
}

/**
 * Wraps data in its envelope after checking it against its contract.
 *
 * @throws ContractViolation when the data does not fit, holds NUL or half a character, is more than {@link MAX_MESSAGE_BYTES},
 *   its key is longer than {@link MAX_KEY_LENGTH}, or it is due before 1970 or after 9999: nothing is emitted.
 * @example const message = seal(AccountOpened.of(data), { source: 'accounts', time: new Date() });
 */
export function seal<Contract extends AnyContract>(
  { contract, data }: Outgoing<Contract>,
  { source, time, traceparent, correlationId, causationId, principal, dueAt }: Circumstances,
): Message<DataOf<Contract>> {
  contract.assert(data);
  const json = JSON.stringify(data);
  if (!isStorable(json)) throw refused(contract, 'text', 'must not contain NUL or half a character');
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_MESSAGE_BYTES) {
    const advice = 'put what is large where it can be fetched, and say where it is';
    throw refused(contract, 'size', `is ${bytes} bytes of JSON and must not exceed ${MAX_MESSAGE_BYTES}: ${advice}`);
  }
  if (dueAt && !isDueable(dueAt)) throw refused(contract, 'due', 'must be due from 1970 on, and before the year 10000');
  const subject = contract.keyOf(data);
  if (subject.length > MAX_KEY_LENGTH) {
    const what = `has a key ("${contract.key}") of ${subject.length} characters and must not exceed ${MAX_KEY_LENGTH}`;
    throw refused(contract, 'key', what);
  }
  const id = newId();
  return {
    specversion: '1.0',
    id,
    source,
    type: contract.type,
    subject,
    time: textOf(time),
    datacontenttype: 'application/json',
    dataschema: `/asyncapi.json#/components/schemas/${contract.type}`,
    // what is undefined leaves no trace in the JSON
    traceparent,
    correlationid: correlationId ?? id,
    causationid: causationId,
    principal,
    dueat: dueAt?.toISOString(),
    data,
  };
}

function refused({ type }: AnyContract, rule: string, message: string): ContractViolation {
  return new ContractViolation(type, [{ path: '/', rule, message }]);
}

/** `accounts.account-opened.v2` → name and version, or undefined when the type is not one of ours. */
export function parseType(type: string): { name: string; version: number } | undefined {
  const match = /^(.+)\.v(\d+)$/.exec(type);
  return match ? { name: match[1]!, version: Number(match[2]) } : undefined;
}
