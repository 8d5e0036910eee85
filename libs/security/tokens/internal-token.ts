import { isSubject } from '../principal/principal.js';
import type { TokenKind } from './token-kind.js';

/** Lifetime of an internal token: 60 seconds. */
export const internalTokenLifetimeSeconds = 60;

/**
 * What an edge presents to one context on a user's behalf, in the spirit of RFC 8693: `aud` is the context, `act` the
 * edge that acts for `sub`, `txn` the access token it was exchanged for.
 *
 * No overtime: one that was stolen is dead after 60 seconds. An edge renews it 30 seconds before its end, which is what
 * clocks may differ by.
 */
export const internalTokenKind: TokenKind = {
  typ: 'internal+jwt',
  lifetimeSeconds: internalTokenLifetimeSeconds,
  overtimeSeconds: 0,
  holds: ({ txn, act, iss }) => isSubject(txn) && isActor(act, iss),
};

/** The role of an edge that asks in its own name. No user has it: an exchange leaves it out. */
export const edgeRole = 'edge';

function isActor(act: unknown, issuer: unknown): boolean {
  if (typeof act !== 'object' || act === null) return false;
  return Object.keys(act).length === 1 && (act as { sub?: unknown }).sub === issuer;
}
