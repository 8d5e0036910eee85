import type { SignatureAlgorithm } from './key-source.js';
import { InvalidTokenError } from './token-kind.js';

const longestToken = 8 * 1024;
const base64url = /^[A-Za-z0-9_-]+$/;
const thumbprint = /^[A-Za-z0-9_-]{43}$/;

/** The two facts the header contributes. */
export interface TokenForm {
  readonly algorithm: SignatureAlgorithm;
  readonly kid: string;
}

/**
 * Checks everything about a token that can be checked without a key, before any cryptography or look-up.
 *
 * The header must be exactly `{alg, typ, kid}`. That one rule refuses `jwk`, `jku`, `x5u`, `x5c`, `crit`, `b64`, `zip`,
 * `cty` and whatever is invented next (RFC 8725 §3.1, §3.10, §3.11). Segments must be canonical base64url, so that one
 * token has one spelling.
 *
 * @param type the only `typ` accepted, character by character
 * @throws InvalidTokenError
 */
export function readForm(token: string, type: string): TokenForm {
  if (typeof token !== 'string' || token.length > longestToken) throw new InvalidTokenError('form');
  const segments = token.split('.', 4);
  if (segments.length !== 3 || !segments.every(isCanonical)) throw new InvalidTokenError('form');
  const header = readObject(textOf(segments[0]));
  const { alg, typ, kid } = header;
  const allowed = alg === 'EdDSA' || alg === 'ES256';
  if (!allowed || typ !== type || typeof kid !== 'string' || !thumbprint.test(kid)) {
    throw new InvalidTokenError('header');
  }
  if (Object.keys(header).length !== 3) throw new InvalidTokenError('header');
  readObject(textOf(segments[1]));
  return { algorithm: alg, kid };
}

/**
 * Reads a JSON object that is spelled the way `JSON.stringify` spells it. Duplicate members, `1e400`, `__proto__` tricks
 * and broken UTF-8 do not survive the round trip and are refused (RFC 8725 §2.4, RFC 7519 §4).
 *
 * @throws InvalidTokenError
 */
function readObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidTokenError('form', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || JSON.stringify(value) !== text) {
    throw new InvalidTokenError('form');
  }
  return value as Record<string, unknown>;
}

function isCanonical(segment: string): boolean {
  return base64url.test(segment) && Buffer.from(segment, 'base64url').toString('base64url') === segment;
}

function textOf(segment: string): string {
  return Buffer.from(segment, 'base64url').toString('utf8');
}
