import { accessTokenLifetimeSeconds, type AccessToken } from '@holdfast/security';

/** Sessions remembered at most; 10,000 take about 1 MB. */
const MOST = 10_000;
const LEEWAY_SECONDS = 30;

/**
 * Sessions that ended in this process, for as long as an access token of theirs could still be valid, so that a logout
 * takes effect at once. When there are too many the oldest is forgotten: its last access token then lives until `exp`.
 */
export class RevokedSessions {
  private readonly until = new Map<string, number>();

  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  add(sessionId: string): void {
    const now = this.monotonic();
    this.until.delete(sessionId);
    this.until.set(sessionId, now + (accessTokenLifetimeSeconds + LEEWAY_SECONDS) * 1_000);
    for (const [oldest, until] of this.until) {
      if (until > now && this.until.size <= MOST) break;
      this.until.delete(oldest);
    }
  }

  /** For `isRevoked` of the edge's verifier. */
  isRevoked({ principal: { sessionId } }: Pick<AccessToken, 'principal'>): boolean {
    const until = sessionId === undefined ? undefined : this.until.get(sessionId);
    return until !== undefined && this.monotonic() < until;
  }

  get size(): number {
    return this.until.size;
  }
}
