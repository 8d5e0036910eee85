import { SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { Principal } from '../principal/principal.js';
import { edgeRole, internalTokenKind, internalTokenLifetimeSeconds } from './internal-token.js';
import type { SigningKeys } from './signing-keys.js';
import type { TokenCheck, VerifiedToken } from './token-kind.js';

/** An internal token is used for the first half of its life: the rest is for clocks that differ and requests under way. */
const usedForSeconds = internalTokenLifetimeSeconds / 2;

/** Settings of `TokenExchange`. */
export interface TokenExchangeOptions {
  /** Judges what users present, each time: a session that ended is noticed also while its internal token lives. */
  users: TokenCheck;
  /** `iss` of the internal tokens: the name of this edge. */
  issuer: string;
  /** The current key signs. Only the edge has it. */
  keys: SigningKeys;
  /** Default the system clock. */
  clock?: () => Date;
}

interface Minted {
  text: Promise<string>;
  /** The same, once it is signed. */
  signed?: string;
  /** Seconds since 1970. */
  until: number;
}

/**
 * Exchanges the token that a user presents at the edge for one that a single context accepts, for 60 seconds
 * (`internalTokenKind`). One is kept per presented token and audience for 30 seconds, so that most requests cost a look-up
 * and no signature; how many are kept is bounded by what the check remembers.
 *
 * @example
 * const exchange = new TokenExchange({ users: verifier, issuer: 'holdfast-edge', keys });
 * headers.authorization = `Bearer ${await exchange.exchange(presented, 'orders')}`;
 */
export class TokenExchange {
  /** Keyed by the verified token itself: it is forgotten when its verifier forgets it. */
  private readonly minted = new WeakMap<VerifiedToken, Map<string, Minted>>();
  private readonly clock: () => Date;

  constructor(private readonly options: TokenExchangeOptions) {
    this.clock = options.clock ?? (() => new Date());
  }

  /**
   * @param presented the compact token of a user, without `Bearer `.
   * @param audience the one context that will accept the result.
   * @throws InvalidTokenError, KeysUnavailableError those of the check.
   */
  async exchange(presented: string, audience: string): Promise<string> {
    const user = await this.options.users.verify(presented);
    const now = Math.floor(this.clock().getTime() / 1000);
    let byAudience = this.minted.get(user);
    if (!byAudience) this.minted.set(user, (byAudience = new Map()));
    const kept = byAudience.get(audience);
    if (kept && isUsed(kept, now)) return kept.text;
    const text = this.mint(user.principal, { audience, now, transaction: user.tokenId });
    const fresh: Minted = { text, until: now + usedForSeconds };
    byAudience.set(audience, fresh);
    text.then(
      (signed) => (fresh.signed = signed),
      () => byAudience.get(audience) === fresh && byAudience.delete(audience),
    );
    return text;
  }

  /** What {@link exchange} would answer, at once; undefined when it has to verify or sign first. */
  remembered(presented: string, audience: string): string | undefined {
    const user = this.options.users.remembered?.(presented);
    const kept = user && this.minted.get(user)?.get(audience);
    return kept && isUsed(kept, Math.floor(this.clock().getTime() / 1000)) ? kept.signed : undefined;
  }

  /** A token for a question that the edge asks in its own name: its one role is `edgeRole`. */
  own(audience: string): Promise<string> {
    const now = Math.floor(this.clock().getTime() / 1000);
    return this.mint({ id: this.options.issuer, roles: [] }, { audience, now, roles: [edgeRole] });
  }

  private mint({ id, roles, sessionId }: Principal, { audience, now, transaction = uuidv7(), ...as }: Circumstances) {
    const { issuer, keys } = this.options;
    return new SignJWT({
      roles: as.roles ?? roles.filter((role) => role !== edgeRole),
      ...(sessionId === undefined ? {} : { sid: sessionId }),
      act: { sub: issuer },
      txn: transaction,
    })
      .setProtectedHeader({ alg: 'EdDSA', typ: internalTokenKind.typ, kid: keys.currentKid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(id)
      .setJti(uuidv7())
      .setIssuedAt(now)
      .setExpirationTime(now + internalTokenLifetimeSeconds)
      .sign(keys.signingKey);
  }
}

function isUsed({ until }: Minted, now: number): boolean {
  return now < until && now >= until - usedForSeconds;
}

interface Circumstances {
  audience: string;
  /** Seconds since 1970. */
  now: number;
  /** `jti` of what was presented. */
  transaction?: string;
  roles?: string[];
}
