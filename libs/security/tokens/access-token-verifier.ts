import { errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { freezePrincipal, isRoles, isSubject } from '../principal/principal.js';
import { accessTokenLifetimeSeconds, accessTokenType, InvalidTokenError } from './access-token.js';
import type { AccessToken } from './access-token.js';
import type { KeySource } from './key-source.js';
import { readForm } from './token-form.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Settings of `AccessTokenVerifier`. */
export interface AccessTokenVerifierOptions {
  /** The only `iss` accepted, compared character by character. */
  issuer: string;
  /** The only `aud` accepted; a token for several audiences is refused. */
  audience: string;
  /** The issuer's keys. No other key is ever used and no address in a token is ever fetched. */
  keys: KeySource;
  /** Tolerated clock difference for `exp`, `nbf` and `iat` in seconds, 0–30. Default 30. */
  leewaySeconds?: number;
  /** Verified tokens remembered, about 1 kB each. Default 10,000; 0 turns the memory off. */
  remembered?: number;
  /** Asked on every request, also for remembered tokens: a logout takes effect before `exp`. Default: never. */
  isRevoked?: (token: AccessToken) => boolean;
  /** Default the system clock. */
  clock?: () => Date;
}

/**
 * Verifies access tokens after RFC 9068 §4 and RFC 8725: our issuer, one audience, our keys, EdDSA or ES256, nothing
 * optional. A token accepted once is remembered until its `exp`; a key that is withdrawn early therefore keeps working
 * for at most 10 minutes unless `forget()` is called.
 *
 * @example const { principal } = await verifier.verify(token);
 */
export class AccessTokenVerifier {
  private readonly verified: VerifiedTokens;
  private readonly leeway: number;
  private readonly clock: () => Date;

  /** @throws RangeError when the leeway is outside 0–30 s; TypeError when issuer or audience is empty. */
  constructor(private readonly options: AccessTokenVerifierOptions) {
    this.leeway = options.leewaySeconds ?? 30;
    if (!(this.leeway >= 0 && this.leeway <= 30)) throw new RangeError('The clock leeway is 0–30 s');
    if (!options.issuer || !options.audience) throw new TypeError('A verifier needs an issuer and an audience');
    this.clock = options.clock ?? (() => new Date());
    this.verified = new VerifiedTokens(options.remembered ?? 10_000);
  }

  /**
   * @param text the compact token, without `Bearer `.
   * @throws InvalidTokenError when it is not acceptable, whatever the reason.
   * @throws KeysUnavailableError when the keys could not be read, so nobody can tell.
   */
  async verify(text: string): Promise<AccessToken> {
    const token = this.verified.get(text, this.clock().getTime() / 1000) ?? (await this.verifyNew(text));
    if (this.options.isRevoked?.(token)) throw new InvalidTokenError('revoked');
    return token;
  }

  /** A token that was verified before and still counts, at once; undefined when {@link verify} must look. */
  remembered(text: string): AccessToken | undefined {
    const token = this.verified.get(text, this.clock().getTime() / 1000);
    return token && !this.options.isRevoked?.(token) ? token : undefined;
  }

  /** Forgets every remembered token, so that each is verified against today's keys again. */
  forget(): void {
    this.verified.clear();
  }

  private async verifyNew(text: string): Promise<AccessToken> {
    const { algorithm, kid } = readForm(text);
    const key = await this.options.keys.keyFor(kid);
    if (!key || key.algorithm !== algorithm) throw new InvalidTokenError('unknown-key');
    const now = this.clock();
    const { payload } = await jwtVerify(text, key.key, {
      algorithms: [key.algorithm],
      typ: accessTokenType,
      issuer: this.options.issuer,
      audience: this.options.audience,
      clockTolerance: this.leeway,
      currentDate: now,
      requiredClaims: ['sub', 'jti', 'iat', 'exp'],
    }).catch(refused);
    const token = readClaims(payload, now.getTime() / 1000 + this.leeway);
    if (token.expiresAt > now.getTime() / 1000) this.verified.put(text, token);
    return token;
  }
}

function refused(cause: unknown): never {
  if (cause instanceof errors.JOSEError) throw new InvalidTokenError('signature-or-claims', cause);
  throw cause;
}

/** The shape jose leaves open: single audience, whole-second times, our lifetime, a readable principal. */
function readClaims(payload: JWTPayload, latestIssue: number): AccessToken {
  const { aud, sub, jti, iat, exp, nbf, roles, sid } = payload;
  const times = isSeconds(iat) && isSeconds(exp) && (nbf === undefined || isSeconds(nbf));
  const names = isSubject(sub) && isSubject(jti) && (sid === undefined || isSubject(sid));
  if (!times || !names || typeof aud !== 'string' || !isRoles(roles)) throw new InvalidTokenError('claims');
  if (iat > latestIssue || exp <= iat || exp - iat > accessTokenLifetimeSeconds) throw new InvalidTokenError('claims');
  const principal = freezePrincipal({ id: sub, roles, ...(sid === undefined ? {} : { sessionId: sid }) });
  return Object.freeze({ principal, tokenId: jti, issuedAt: iat, expiresAt: exp });
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
