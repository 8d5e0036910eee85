/** Anything but visible ASCII in a target, and control characters in a value, could end a line that must not end. */
const NOT_IN_TARGET = /[^\x21-\x7e]/;
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** Methods of which a body is expected: that there is none is said (RFC 9110 §8.6). */
const CARRIES = new Set(['POST', 'PUT', 'PATCH']);

/** What a request without a body says. */
export interface RequestLines {
  method: string;
  target: string;
  /** Host and port of whoever is asked. */
  host: string;
  /** Names and values in turn. Names are tokens, as Node's parser leaves them. */
  headers: readonly string[];
}

/**
 * A request without a body as it is written, one character per byte.
 *
 * @returns undefined when something in it cannot be written so
 */
export function requestHead({ method, target, host, headers }: RequestLines): string | undefined {
  if (NOT_IN_TARGET.test(target)) return undefined;
  let text = `${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  for (let at = 0; at < headers.length; at += 2) {
    const value = headers[at + 1]!;
    if (NOT_IN_VALUE.test(value)) return undefined;
    text += `${headers[at]}: ${value}\r\n`;
  }
  return CARRIES.has(method) ? `${text}content-length: 0\r\n\r\n` : `${text}\r\n`;
}
