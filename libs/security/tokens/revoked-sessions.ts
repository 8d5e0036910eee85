import { accessTokenLifetimeSeconds, accessTokenOvertimeSeconds } from './access-token.js';
import type { VerifiedToken } from './token-kind.js';

/** Sessions remembered at most; 50,000 take about 5 MB. */
const most = 50_000;

/**
 * Sessions that ended, for as long as an access token of theirs could still be valid, so that a logout takes effect at
 * once where it is heard of. When there are too many the oldest is forgotten: its last access token then lives until `exp`.
 */
export class RevokedSessions {
  private readonly until = new Map<string, number>();

  /** @param monotonic milliseconds; default `performance.now`. */
  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  add(sessionId: string): void {
    const now = this.monotonic();
    this.until.delete(sessionId);
    this.until.set(sessionId, now + (accessTokenLifetimeSeconds + accessTokenOvertimeSeconds) * 1_000);
    for (const [oldest, until] of this.until) {
      if (until > now && this.until.size <= most) break;
      this.until.delete(oldest);
    }
  }

  /** For `isRevoked` of the edge's verifier. */
  isRevoked({ principal: { sessionId } }: Pick<VerifiedToken, 'principal'>): boolean {
    const until = sessionId === undefined ? undefined : this.until.get(sessionId);
    return until !== undefined && this.monotonic() < until;
  }

  get size(): number {
    return this.until.size;
  }
}
