import type { JWTPayload } from 'jose';
import type { Principal } from '../principal/principal.js';

/** What sets one kind of token apart, so that none ever passes for another (RFC 8725 §3.11, §3.12). */
export interface TokenKind {
  /** Value of the `typ` header. */
  readonly typ: string;
  /** Longest time from `iat` to `exp`, seconds. */
  readonly lifetimeSeconds: number;
  /** Longest time after `exp` in which it is still accepted, for clocks that differ; seconds. */
  readonly overtimeSeconds: number;
  /** Whether the claims that only this kind has are as they must be. Default: it has none. */
  readonly holds?: (payload: JWTPayload) => boolean;
}

/** A token whose signature and claims have been checked. */
export interface VerifiedToken {
  /** Whom the token speaks for. Frozen: one verified token serves many requests. */
  readonly principal: Principal;
  /** `aud`, always one. */
  readonly audience: string;
  /** `jti`, unique per token. */
  readonly tokenId: string;
  /** `iat` and `exp`, seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Tells who presents a token: `TokenVerifier`, or an exchange with a verifier behind it. */
export interface TokenCheck {
  /**
   * @param audiences accept only a token for one of these; default: whatever the check itself is set to
   * @throws InvalidTokenError when it is not acceptable, whatever the reason
   * @throws KeysUnavailableError when nobody can tell now
   */
  verify(text: string, audiences?: readonly string[]): Promise<VerifiedToken>;
  /** What `verify` would say, at once and without work; undefined when only `verify` can tell. Default: never. */
  remembered?(text: string, audiences?: readonly string[]): VerifiedToken | undefined;
}

/**
 * The token was refused. `reason` is for counters and debug logs; callers outside get the same answer for every reason.
 */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
  constructor(
    readonly reason: 'form' | 'header' | 'unknown-key' | 'signature-or-claims' | 'claims' | 'audience' | 'revoked',
    cause?: unknown,
  ) {
    super(`Token refused: ${reason}`, { cause });
  }
}
