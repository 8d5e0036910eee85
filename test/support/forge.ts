import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { createPublicKey, randomUUID, type KeyObject } from 'node:crypto';

export type Claims = Record<string, unknown>;

/** Who signs internal tokens, and is meant by one that no context of the shop may take. */
export const EDGE = 'holdfast-edge';

/** Makes internal tokens: what somebody with the gateway's key, or with another, can make. */
export class Forge {
  private constructor(
    private readonly key: CryptoKey | KeyObject,
    readonly kid: string,
  ) {}

  static async of(key: KeyObject): Promise<Forge> {
    return new Forge(key, await calculateJwkThumbprint(await exportJWK(createPublicKey(key))));
  }

  static async stranger(): Promise<Forge> {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    return new Forge(privateKey, await calculateJwkThumbprint(await exportJWK(publicKey)));
  }

  claims(change: Claims = {}): Claims {
    const iat = Math.floor(Date.now() / 1_000);
    const identity = { sub: randomUUID(), roles: ['customer', 'admin', 'operator'], act: { sub: EDGE } };
    return { iss: EDGE, aud: 'orders', ...identity, txn: 't', jti: 'j', iat, exp: iat + 60, ...change };
  }

  sign(change: Claims = {}, header: Claims = {}): Promise<string> {
    const head = { alg: 'EdDSA', typ: 'internal+jwt', kid: this.kid, ...header };
    return new SignJWT(this.claims(change)).setProtectedHeader(head).sign(this.key);
  }
}
