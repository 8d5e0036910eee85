import { calculateJwkThumbprint, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';

/** The two signature algorithms this library accepts (RFC 8725 §3.1: an explicit, short allow-list). */
export type SignatureAlgorithm = 'EdDSA' | 'ES256';

/** A public key that may verify access tokens. Its algorithm belongs to the key, never to the token. */
export interface VerificationKey {
  readonly kid: string;
  readonly algorithm: SignatureAlgorithm;
  readonly key: CryptoKey;
}

/** A JWK Set document (RFC 7517 §5). */
export interface JwksDocument {
  readonly keys: readonly JWK[];
}

/** Where the verifier finds the key for a `kid`: `SigningKeys` in the issuing process, `PublishedKeys` elsewhere. */
export interface KeySource {
  /**
   * @param kid RFC 7638 thumbprint, already checked to be 43 base64url characters.
   * @returns the key, or `undefined` when our issuer has no such key.
   * @throws KeysUnavailableError when that cannot be decided now.
   */
  keyFor(kid: string): Promise<VerificationKey | undefined>;
}

/** The key set could not be read, so the token is neither valid nor invalid. Answered with 503, never with 401. */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError';
  constructor(cause?: unknown) {
    super('The keys that verify access tokens could not be read', { cause });
  }
}

/**
 * Turns one entry of a JWK Set into a verification key.
 *
 * The `kid` must be the key's own RFC 7638 thumbprint, so an entry cannot pose as another key. Private members are
 * ignored: only the public half is imported.
 *
 * @returns `undefined` for entries of another type, use or algorithm, which a set may contain (RFC 7517 §5).
 */
export async function verificationKey(jwk: JWK): Promise<VerificationKey | undefined> {
  const algorithm = algorithmOf(jwk);
  if (!algorithm || (jwk.use !== undefined && jwk.use !== 'sig')) return undefined;
  if (jwk.alg !== undefined && jwk.alg !== algorithm) return undefined;
  const bare = publicMembers(jwk);
  const kid = await calculateJwkThumbprint(bare);
  if (jwk.kid !== undefined && jwk.kid !== kid) return undefined;
  return { kid, algorithm, key: (await importJWK(bare, algorithm)) as CryptoKey };
}

/** The members that make up the public half of a key, and nothing else. */
export function publicMembers({ kty, crv, x, y }: JWK): JWK {
  return kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x };
}

function algorithmOf({ kty, crv }: JWK): SignatureAlgorithm | undefined {
  if (kty === 'OKP' && crv === 'Ed25519') return 'EdDSA';
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  return undefined;
}
