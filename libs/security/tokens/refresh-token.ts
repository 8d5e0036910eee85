import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { timingSafeEqualText } from '../signatures/timing-safe.js';

/** Lifetime of a refresh token: 14 days from its issue. Each rotation starts a new 14 days. */
export const refreshTokenLifetimeSeconds = 14 * 24 * 3600;

const form = /^rt_([A-Za-z0-9-]{1,64})\.([A-Za-z0-9_-]{43})$/;

/** What the server keeps of a refresh token. The secret itself is never stored. */
export interface StoredRefreshToken {
  readonly id: string;
  /** The login this token descends from; also the `sid` of access tokens. */
  readonly familyId: string;
  /** SHA-256 of the secret, base64url. Fast on purpose: a 256-bit random secret cannot be guessed. */
  readonly secretHash: string;
  readonly expiresAt: Date;
  /** Set once, when the token was exchanged for its successor. */
  readonly usedAt?: Date;
}

/** One login and all refresh tokens that descend from it. */
export interface RefreshFamily {
  readonly id: string;
  /** Set by logout, by detected reuse, by a password change. */
  readonly revokedAt?: Date;
}

/** A new refresh token: `text` goes to the client once, `stored` goes to the database. */
export interface NewRefreshToken {
  readonly text: string;
  readonly stored: StoredRefreshToken;
}

/** The verdict on a presented refresh token. */
export type RefreshDecision =
  /** Mark the token used and store the successor, both or neither, only if it is still unused. */
  | { readonly kind: 'rotate'; readonly usedId: string; readonly successor: NewRefreshToken }
  /** The token was exchanged before, so two parties hold it: revoke the whole family and answer 401. */
  | { readonly kind: 'reuse'; readonly revokeFamilyId: string }
  /** Answer 401, the same for every reason. */
  | { readonly kind: 'refuse'; readonly reason: 'unknown' | 'revoked' | 'expired' };

/**
 * Makes an opaque refresh token `rt_<id>.<secret>` with a 256-bit random secret.
 *
 * @param familyId the login it belongs to.
 * @param now      time of issue; it expires 14 days later.
 * @example const { text, stored } = newRefreshToken(family.id, tx.now);
 */
export function newRefreshToken(familyId: string, now: Date): NewRefreshToken {
  const id = uuidv7();
  const secret = randomBytes(32).toString('base64url');
  const expiresAt = new Date(now.getTime() + refreshTokenLifetimeSeconds * 1000);
  return { text: `rt_${id}.${secret}`, stored: { id, familyId, secretHash: hashOf(secret), expiresAt } };
}

/**
 * Takes a presented refresh token apart, to find its row.
 *
 * @returns the id, or `undefined` when the text is no refresh token at all.
 */
export function refreshTokenId(text: string): string | undefined {
  return form.exec(text)?.[1];
}

/** What `decideRefresh` looks at. */
export interface RefreshQuestion {
  /** The text the client sent. */
  readonly presented: string;
  /** The row found by `refreshTokenId`, and its family; `undefined` when there is none. */
  readonly token: StoredRefreshToken | undefined;
  readonly family: RefreshFamily | undefined;
  readonly now: Date;
  /** `newRefreshToken(familyId, now)`, or another source of it in tests. */
  readonly successor: () => NewRefreshToken;
}

/**
 * Decides what happens to a presented refresh token: rotation with reuse detection (RFC 9700 §4.14.2).
 *
 * There is no grace period. Of twenty concurrent refreshes one wins; the others lose the "still unused" race, decide
 * again on the fresh row, find reuse and revoke the family, the winner's successor included. A client must therefore
 * refresh once at a time. A wrong secret is `unknown`, never reuse: knowing an id is not enough to log somebody out.
 *
 * @example
 * const decision = decideRefresh({ presented, token, family, now: tx.now, successor: () => newRefreshToken(id, tx.now) });
 */
export function decideRefresh({ presented, token, family, now, successor }: RefreshQuestion): RefreshDecision {
  const [, id, secret] = form.exec(presented) ?? [];
  const genuine = id !== undefined && token?.id === id && timingSafeEqualText(hashOf(secret!), token.secretHash);
  if (!genuine || family?.id !== token.familyId) return { kind: 'refuse', reason: 'unknown' };
  if (family.revokedAt) return { kind: 'refuse', reason: 'revoked' };
  if (token.usedAt) return { kind: 'reuse', revokeFamilyId: family.id };
  if (now.getTime() >= token.expiresAt.getTime()) return { kind: 'refuse', reason: 'expired' };
  return { kind: 'rotate', usedId: token.id, successor: successor() };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
