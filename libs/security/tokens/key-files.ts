import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { JsonWebKey, KeyObject } from 'node:crypto';
import { verificationKey } from './key-source.js';
import type { KeySource, VerificationKey } from './key-source.js';
import type { SigningKeyJwk } from './signing-keys.js';

const block = /-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g;

/**
 * Reads an Ed25519 private key as `openssl genpkey -algorithm ed25519` writes it. Line breaks do not matter, so that the
 * text fits into one line of an environment.
 *
 * @throws TypeError when the text is anything else; the message does not repeat it.
 * @example const keys = await SigningKeys.from([readPrivateKey(pem)]);
 */
export function readPrivateKey(pem: string): SigningKeyJwk {
  const [only, ...more] = blocksOf(pem);
  if (only?.label !== 'PRIVATE KEY' || more.length > 0) throw new TypeError('This is not one private key in PEM form');
  const { x, d } = jwkOf(() => createPrivateKey({ key: only.der, format: 'der', type: 'pkcs8' }));
  return { kty: 'OKP', crv: 'Ed25519', x: x!, d: d!, kid: thumbprint(x!) };
}

/**
 * Reads one or two Ed25519 public keys, one after the other, as `openssl pkey -pubout` writes them.
 *
 * @throws TypeError when there is none, there are more than two, or one is anything else, such as a private key.
 */
export function readPublicKeys(pem: string): JsonWebKey[] {
  const blocks = blocksOf(pem);
  if (blocks.length < 1 || blocks.length > 2 || blocks.some(({ label }) => label !== 'PUBLIC KEY')) {
    throw new TypeError('This is not one public key, or two, in PEM form');
  }
  return blocks.map(({ der }) => {
    const { x } = jwkOf(() => createPublicKey({ key: der, format: 'der', type: 'spki' }));
    return { kty: 'OKP', crv: 'Ed25519', x: x!, kid: thumbprint(x!) };
  });
}

/** Public keys that were given at the start and never change: two of them while one replaces the other. */
export class GivenKeys implements KeySource {
  private readonly keys: Promise<ReadonlyMap<string, VerificationKey>>;

  constructor(jwks: readonly JsonWebKey[]) {
    this.keys = Promise.all(jwks.map((jwk) => verificationKey(jwk as never))).then(
      (keys) => new Map(keys.flatMap((key) => (key ? [[key.kid, key] as const] : []))),
    );
  }

  async keyFor(kid: string): Promise<VerificationKey | undefined> {
    return (await this.keys).get(kid);
  }
}

function blocksOf(pem: string): { label: string; der: Buffer }[] {
  const found = [...pem.matchAll(block)].map(([, label, body]) => ({
    label: label!,
    der: Buffer.from(body!, 'base64'),
  }));
  const rest = pem.replaceAll(block, '').trim();
  return rest === '' ? found : [];
}

function jwkOf(read: () => KeyObject): JsonWebKey {
  let jwk: JsonWebKey;
  try {
    jwk = read().export({ format: 'jwk' });
  } catch (cause) {
    throw new TypeError('This key cannot be read', { cause });
  }
  if (jwk.crv !== 'Ed25519') throw new TypeError('This is not an Ed25519 key');
  return jwk;
}

/** RFC 7638 and RFC 8037 §2: the members in this order, without blanks. */
function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}
