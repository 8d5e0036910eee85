import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 'v1';
const NONCE_BYTES = 12;

/** AES-256-GCM under a key derived from a secret (HKDF-SHA-256); what is sealed opens only under the name it was sealed for. */
export class KeySeal {
  private readonly key: Buffer;

  constructor(secret: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'holdfast users signing keys', 32));
  }

  seal(plain: string, name: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce).setAAD(Buffer.from(name));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return [VERSION, ...[nonce, sealed, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.');
  }

  open(text: string, name: string): string {
    const [version, ...parts] = text.split('.');
    const [nonce, sealed, tag] = parts.map((part) => Buffer.from(part, 'base64url'));
    try {
      if (version !== VERSION || !nonce || !sealed || !tag) throw new TypeError('unknown form');
      const decipher = createDecipheriv('aes-256-gcm', this.key, nonce, { authTagLength: 16 });
      decipher.setAAD(Buffer.from(name)).setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new SealedUnderAnotherSecret(name, cause);
    }
  }
}

/** Set the former USERS_KEY_ENCRYPTION_SECRET again, or empty users.signing_key, which ends every access token. */
export class SealedUnderAnotherSecret extends Error {
  override readonly name = 'SealedUnderAnotherSecret';

  constructor(kid: string, cause: unknown) {
    super(`The signing key ${kid} does not open with this USERS_KEY_ENCRYPTION_SECRET`, { cause });
  }
}
