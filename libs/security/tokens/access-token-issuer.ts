import { SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { isRoles, isSubject } from '../principal/principal.js';
import type { Principal } from '../principal/principal.js';
import { accessTokenKind, accessTokenLifetimeSeconds } from './access-token.js';
import type { SigningKeys } from './signing-keys.js';

/** Settings of `AccessTokenIssuer`. */
export interface AccessTokenIssuerOptions {
  /** `iss`, compared character by character by the verifier. */
  issuer: string;
  /** `aud`: the one audience, the edge. */
  audience: string;
  /** The current key signs. */
  keys: SigningKeys;
  /** Lifetime in seconds, 1–600. Default 600. */
  lifetimeSeconds?: number;
  /** Default the system clock. */
  clock?: () => Date;
}

/** What a login answers with, next to the refresh token. */
export interface IssuedAccessToken {
  readonly accessToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds until the token expires. */
  readonly expiresIn: number;
  /** `jti` of the token. */
  readonly tokenId: string;
}

/**
 * Signs access tokens: `typ: at+jwt`, `iss`, `aud`, `sub`, `roles`, `sid`, `jti`, `iat`, `exp` after RFC 9068 §2.
 * `client_id` is left out: the only client is the shop itself, there is no authorisation server for others.
 *
 * @example
 * const issuer = new AccessTokenIssuer({ issuer: 'https://shop.test', audience: 'holdfast-edge', keys });
 * const { accessToken, expiresIn } = await issuer.issue({ id: user.id, roles: user.roles, sessionId: family.id });
 */
export class AccessTokenIssuer {
  private readonly lifetime: number;

  /** @throws RangeError when the lifetime is not a whole number of seconds from 1 to 600. */
  constructor(private readonly options: AccessTokenIssuerOptions) {
    this.lifetime = options.lifetimeSeconds ?? accessTokenLifetimeSeconds;
    if (!Number.isInteger(this.lifetime) || this.lifetime < 1 || this.lifetime > accessTokenLifetimeSeconds) {
      throw new RangeError(`An access token lives 1–${accessTokenLifetimeSeconds} s`);
    }
  }

  /**
   * @param principal the subject; at most 32 roles, which keeps the token far below the 8 kB limit of the verifier.
   * @throws TypeError when the principal could not be read back by the verifier.
   */
  async issue({ id, roles, sessionId }: Principal): Promise<IssuedAccessToken> {
    if (!isSubject(id) || !isRoles(roles) || (sessionId !== undefined && !isSubject(sessionId))) {
      throw new TypeError('This principal does not fit into an access token');
    }
    const { issuer, audience, keys, clock = () => new Date() } = this.options;
    const issuedAt = Math.floor(clock().getTime() / 1000);
    const tokenId = uuidv7();
    const accessToken = await new SignJWT({ roles: [...roles], ...(sessionId === undefined ? {} : { sid: sessionId }) })
      .setProtectedHeader({ alg: 'EdDSA', typ: accessTokenKind.typ, kid: keys.currentKid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(id)
      .setJti(tokenId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + this.lifetime)
      .sign(keys.signingKey);
    return { accessToken, tokenType: 'Bearer', expiresIn: this.lifetime, tokenId };
  }
}
