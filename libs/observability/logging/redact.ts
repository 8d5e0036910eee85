/** Names after which a value is nobody's business; compared in lower case without `-` and `_`. */
const PRIVATE_NAME =
  /(?:password|passwd|passphrase|secret|token|authorization|cookie|apikey|privatekey|credentials?|email|phone|cardnumber|cvc|iban)$|^(?:name|(?:first|last|full|family|given|display)name|(?:(?:shipping|billing|postal|home)?address)|street|recipient|birthdate|paymentmethod)$/;

const REDACTED = '[redacted]';
const DEEPEST = 6;
const LONGEST_LIST = 100;

/**
 * Copies a log object with private fields replaced, at any depth. Errors become type, message, stack, code and cause:
 * their other fields (`detail` of PostgreSQL, `parameters` of a query) repeat what people typed.
 *
 * @example redact({ orderId, customer: { email } }) // { orderId, customer: { email: '[redacted]' } }
 */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactObject(fields, 0);
}

/** What was found about names seen before: records of one kind come many times. Strangers' names cannot fill it for good. */
const known = new Map<string, boolean>();
const MOST_KNOWN = 1_000;

/** Whether the value of a field with this name is kept out of logs. */
export function isPrivateName(name: string): boolean {
  const before = known.get(name);
  if (before !== undefined) return before;
  const isPrivate = PRIVATE_NAME.test(name.replace(/[-_]/g, '').toLowerCase());
  if (known.size === MOST_KNOWN) known.clear();
  known.set(name, isPrivate);
  return isPrivate;
}

function redactObject(object: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(object)) {
    if (name === '__proto__') continue;
    const value = (object as Record<string, unknown>)[name];
    copy[name] = value !== undefined && isPrivateName(name) ? REDACTED : redactValue(value, depth + 1);
  }
  return copy;
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (value instanceof Error) return describeError(value, 0);
  if (depth > DEEPEST) return '[deeper]';
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, LONGEST_LIST).map((item) => redactValue(item, depth + 1));
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  return redactObject(value, depth);
}

function describeError(error: Error & { code?: unknown }, depth: number): Record<string, unknown> {
  const causes = error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  return {
    type: error.constructor.name,
    message: error.message,
    stack: error.stack,
    ...(typeof error.code === 'string' && { code: error.code }),
    ...(causes.length > 0 && depth < 3 && { causes: causes.slice(0, 10).map((cause) => describeCause(cause, depth)) }),
  };
}

function describeCause(cause: unknown, depth: number): unknown {
  return cause instanceof Error ? describeError(cause, depth + 1) : redactValue(cause, DEEPEST);
}
