import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { publicMembers, verificationKey } from './key-source.js';
import type { JwksDocument, KeySource, VerificationKey } from './key-source.js';

/** A private Ed25519 key as JWK JSON (RFC 8037). `d` is the secret: store it encrypted, never log it. */
export interface SigningKeyJwk extends JWK {
  kty: 'OKP';
  crv: 'Ed25519';
  x: string;
  d: string;
  kid: string;
}

/**
 * Makes a new Ed25519 signing key. Its `kid` is the RFC 7638 SHA-256 thumbprint of the public half.
 *
 * @example await store.save(await generateSigningKey());
 */
export async function generateSigningKey(): Promise<SigningKeyJwk> {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const { x, d } = await exportJWK(privateKey);
  const bare = { kty: 'OKP', crv: 'Ed25519', x: x! } as const;
  return { ...bare, d: d!, kid: await calculateJwkThumbprint(bare) };
}

/**
 * The key set of the issuer: the current key signs and verifies, the previous one only verifies.
 *
 * The set itself never changes. To rotate, store a new key, build a set of `[new, old current]`, and drop the old one
 * no sooner than a token lifetime later. Persistence belongs to the context that owns the keys, so that several
 * processes share them.
 *
 * @example
 * const keys = await SigningKeys.from([current, previous]);
 * reply.send(keys.jwks());
 */
export class SigningKeys implements KeySource {
  private constructor(
    /** Thumbprint of the key that signs. */
    readonly currentKid: string,
    /** Private half of the current key; not extractable. */
    readonly signingKey: CryptoKey,
    private readonly verifying: ReadonlyMap<string, VerificationKey>,
    private readonly published: JwksDocument,
  ) {}

  /**
   * @param stored one or two keys, the current one first, as written by `generateSigningKey`.
   * @throws TypeError when there are none or more than two, when one is no Ed25519 private key, when a `kid` is not the
   *   key's thumbprint, when the halves do not belong together, or when both are the same key.
   */
  static async from(stored: readonly SigningKeyJwk[]): Promise<SigningKeys> {
    if (stored.length < 1 || stored.length > 2) throw new TypeError('A key set has one or two signing keys');
    const verifying = new Map<string, VerificationKey>();
    for (const jwk of stored) {
      const key = await readSigningKey(jwk);
      verifying.set(key.kid, key);
    }
    if (verifying.size !== stored.length) throw new TypeError('The two signing keys are the same key');
    const [current] = stored;
    const signing = (await importJWK(current, 'EdDSA', { extractable: false })) as CryptoKey;
    const keys = stored.map((jwk) => ({ ...publicMembers(jwk), kid: jwk.kid, use: 'sig', alg: 'EdDSA' }));
    return new SigningKeys(current.kid, signing, verifying, { keys });
  }

  async keyFor(kid: string): Promise<VerificationKey | undefined> {
    return this.verifying.get(kid);
  }

  /** The public JWK Set (RFC 7517 §5) for `/.well-known/jwks.json`. Holds no private member. */
  jwks(): JwksDocument {
    return structuredClone(this.published);
  }
}

async function readSigningKey(jwk: SigningKeyJwk): Promise<VerificationKey> {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || typeof jwk.d !== 'string' || typeof jwk.kid !== 'string') {
    throw new TypeError('A signing key is an Ed25519 private key with a kid');
  }
  const key = await verificationKey(publicMembers(jwk));
  if (key?.kid !== jwk.kid) throw new TypeError('The kid of a signing key is its RFC 7638 thumbprint');
  await refuseMismatchedHalves(jwk, key);
  return key;
}

async function refuseMismatchedHalves(jwk: SigningKeyJwk, { key }: VerificationKey): Promise<void> {
  const probe = new TextEncoder().encode(jwk.kid);
  const matches = await importJWK(jwk, 'EdDSA')
    .then((half) => crypto.subtle.sign('Ed25519', half as CryptoKey, probe))
    .then((signature) => crypto.subtle.verify('Ed25519', key, signature, probe))
    .catch(() => false);
  if (!matches) throw new TypeError('The halves of a signing key do not belong together');
}
