import type { Principal } from '../principal/principal.js';

/** Value of the `typ` header (RFC 9068 §2.1). Keeps ID, refresh and internal tokens from passing as access tokens. */
export const accessTokenType = 'at+jwt';

/** Lifetime of an access token: 10 minutes. */
export const accessTokenLifetimeSeconds = 600;

/** An access token whose signature and claims have been checked. */
export interface AccessToken {
  /** Whom the token speaks for. Frozen: one verified token serves many requests. */
  readonly principal: Principal;
  /** `jti`, unique per token. */
  readonly tokenId: string;
  /** `iat` and `exp`, seconds since 1970. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * The token was refused. `reason` is for counters and debug logs; callers outside get the same answer for every reason.
 */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';
  constructor(
    readonly reason: 'form' | 'header' | 'unknown-key' | 'signature-or-claims' | 'claims' | 'revoked',
    cause?: unknown,
  ) {
    super(`Access token refused: ${reason}`, { cause });
  }
}
