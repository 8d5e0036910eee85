import type { TokenKind } from './token-kind.js';

/** Lifetime of an access token: 10 minutes. */
export const accessTokenLifetimeSeconds = 600;

/** Clocks of issuer and verifier may differ by this much, seconds. */
export const accessTokenOvertimeSeconds = 30;

/** What a user presents at the edge (RFC 9068 §2.1). Its audience is the edge; no context behind it accepts one. */
export const accessTokenKind: TokenKind = {
  typ: 'at+jwt',
  lifetimeSeconds: accessTokenLifetimeSeconds,
  overtimeSeconds: accessTokenOvertimeSeconds,
};
