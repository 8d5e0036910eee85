import { errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import { freezePrincipal, isRoles, isSubject } from '../principal/principal.js';
import { accessTokenKind } from './access-token.js';
import type { KeySource } from './key-source.js';
import { readForm } from './token-form.js';
import { InvalidTokenError } from './token-kind.js';
import type { TokenCheck, TokenKind, VerifiedToken } from './token-kind.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Settings of `TokenVerifier`. */
export interface TokenVerifierOptions {
  /** The only `iss` accepted, compared character by character. */
  issuer: string;
  /** The only `aud` accepted, or any one of several; a token that is itself for several audiences is refused. */
  audience: string | readonly string[];
  /** The issuer's keys. No other key is ever used and no address in a token is ever fetched. */
  keys: KeySource;
  /** The only kind of token accepted. Default `accessTokenKind`. */
  kind?: TokenKind;
  /** Tolerated clock difference for `nbf`, `iat` and, if the kind allows, `exp`, in seconds, 0–30. Default 30. */
  leewaySeconds?: number;
  /** Verified tokens remembered, about 1 kB each. Default 10,000; 0 turns the memory off. */
  remembered?: number;
  /** Asked on every request, also for remembered tokens: a logout takes effect before `exp`. Default: never. */
  isRevoked?: (token: VerifiedToken) => boolean;
  /** Default the system clock. */
  clock?: () => Date;
}

/**
 * Verifies tokens of one kind after RFC 9068 §4 and RFC 8725: our issuer, one audience, our keys, EdDSA or ES256, nothing
 * optional. A token accepted once is remembered until its `exp`; a key that is withdrawn early therefore keeps working
 * for as long as its tokens live unless `forget()` is called.
 *
 * @example const { principal } = await verifier.verify(token);
 */
export class TokenVerifier implements TokenCheck {
  private readonly kind: TokenKind;
  private readonly audiences: string[];
  private readonly verified: VerifiedTokens;
  private readonly leeway: number;
  private readonly clock: () => Date;

  /** @throws RangeError when the leeway is outside 0–30 s; TypeError when issuer or audience is empty. */
  constructor(private readonly options: TokenVerifierOptions) {
    this.leeway = options.leewaySeconds ?? 30;
    if (!(this.leeway >= 0 && this.leeway <= 30)) throw new RangeError('The clock leeway is 0–30 s');
    this.kind = options.kind ?? accessTokenKind;
    this.audiences = [options.audience].flat();
    if (!options.issuer || this.audiences.length === 0 || this.audiences.includes('')) {
      throw new TypeError('A verifier needs an issuer and an audience');
    }
    this.clock = options.clock ?? (() => new Date());
    this.verified = new VerifiedTokens(options.remembered ?? 10_000);
  }

  /**
   * @param text the compact token, without `Bearer `.
   * @param audiences accept only a token for one of these; default: any audience of this verifier.
   * @throws InvalidTokenError when it is not acceptable, whatever the reason.
   * @throws KeysUnavailableError when the keys could not be read, so nobody can tell.
   */
  async verify(text: string, audiences?: readonly string[]): Promise<VerifiedToken> {
    const token = this.verified.get(text, this.clock().getTime() / 1000) ?? (await this.verifyNew(text));
    if (audiences && !audiences.includes(token.audience)) throw new InvalidTokenError('audience');
    if (this.options.isRevoked?.(token)) throw new InvalidTokenError('revoked');
    return token;
  }

  /** A token that {@link verify} accepted before and still would, at once; undefined when it must look. */
  remembered(text: string, audiences?: readonly string[]): VerifiedToken | undefined {
    const token = this.verified.get(text, this.clock().getTime() / 1000);
    if (!token || (audiences && !audiences.includes(token.audience))) return undefined;
    return this.options.isRevoked?.(token) ? undefined : token;
  }

  /** Forgets every remembered token, so that each is verified against today's keys again. */
  forget(): void {
    this.verified.clear();
  }

  private async verifyNew(text: string): Promise<VerifiedToken> {
    const { algorithm, kid } = readForm(text, this.kind.typ);
    const key = await this.options.keys.keyFor(kid);
    if (!key || key.algorithm !== algorithm) throw new InvalidTokenError('unknown-key');
    const now = this.clock();
    const { payload } = await jwtVerify(text, key.key, {
      algorithms: [key.algorithm],
      typ: this.kind.typ,
      issuer: this.options.issuer,
      audience: this.audiences,
      clockTolerance: this.leeway,
      currentDate: now,
      requiredClaims: ['sub', 'jti', 'iat', 'exp'],
    }).catch(refused);
    const token = this.readClaims(payload, now.getTime() / 1000);
    if (token.expiresAt > now.getTime() / 1000) this.verified.put(text, token);
    return token;
  }

  /** The shape jose leaves open: single audience, whole-second times, the kind's lifetime, a readable principal. */
  private readClaims(payload: JWTPayload, now: number): VerifiedToken {
    const { lifetimeSeconds, overtimeSeconds, holds = () => true } = this.kind;
    const { aud, sub, jti, iat, exp, nbf, roles, sid } = payload;
    const times = isSeconds(iat) && isSeconds(exp) && (nbf === undefined || isSeconds(nbf));
    const names = isSubject(sub) && isSubject(jti) && (sid === undefined || isSubject(sid));
    if (!times || !names || typeof aud !== 'string' || !isRoles(roles)) throw new InvalidTokenError('claims');
    if (iat > now + this.leeway || exp <= iat || exp - iat > lifetimeSeconds) throw new InvalidTokenError('claims');
    if (exp <= now - Math.min(overtimeSeconds, this.leeway) || !holds(payload)) throw new InvalidTokenError('claims');
    const principal = freezePrincipal({ id: sub, roles, ...(sid === undefined ? {} : { sessionId: sid }) });
    return Object.freeze({ principal, audience: aud, tokenId: jti, issuedAt: iat, expiresAt: exp });
  }
}

function refused(cause: unknown): never {
  if (cause instanceof errors.JOSEError) throw new InvalidTokenError('signature-or-claims', cause);
  throw cause;
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
