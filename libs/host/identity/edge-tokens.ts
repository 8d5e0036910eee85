import {
  PublishedKeys,
  RevokedSessions,
  TokenVerifier,
  accessTokenLifetimeSeconds,
  type JwksDocument,
} from '@holdfast/security';
import { setTimeout as delay } from 'node:timers/promises';
import type { TokenFacts, TokenFeed } from './token-feed.js';

/** Longer than any access token lives. */
const WHOLE_MEMORY_SECONDS = 2 * accessTokenLifetimeSeconds;

/** A question that takes longer is given up, so that the next round is not late. */
const PATIENCE_MS = 2_000;

/** More than clocks and a question under way can differ. */
const OVERLAP_SECONDS = 60;

export interface EdgeTokensOptions {
  feed: TokenFeed;
  /** `iss` and `aud` of access tokens. */
  issuer: string;
  audience: string;
}

/**
 * What an edge knows about the tokens that users present. A session that ends through this edge is refused at once; one
 * that ended through another, when the next round of questions is answered. While nobody answers, what was known stays
 * true: keys for an hour, and a token never lives longer than ten minutes.
 */
export class EdgeTokens {
  readonly verifier: TokenVerifier;
  private readonly revoked = new RevokedSessions();
  private readonly stopped = new AbortController();
  private heardAt = -Infinity;
  private failure: unknown;

  constructor(private readonly options: EdgeTokensOptions) {
    const { issuer, audience } = options;
    const load = async (signal: AbortSignal): Promise<JwksDocument> => ({
      keys: (await this.hear(WHOLE_MEMORY_SECONDS, signal)).keys,
    });
    this.verifier = new TokenVerifier({
      issuer,
      audience,
      keys: new PublishedKeys({ load }), // no key is known before the sessions that ended are
      isRevoked: (token) => this.revoked.isRevoked(token),
    });
  }

  /** A session ended, and whoever ended it has not been answered yet. */
  sessionEnded(sessionId: string): void {
    this.revoked.add(sessionId);
  }

  /** Why the last question was not answered; undefined when it was. */
  get lastFailure(): unknown {
    return this.failure;
  }

  /** @param everyMs milliseconds between two questions, which is how late an end elsewhere is noticed */
  watch(everyMs: number): void {
    void this.keepAsking(everyMs);
  }

  stop(): void {
    this.stopped.abort();
  }

  private async keepAsking(everyMs: number): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      const since = (performance.now() - this.heardAt) / 1_000 + OVERLAP_SECONDS;
      const next = delay(everyMs, undefined, { ref: false, signal }).catch(() => {});
      const within = Math.min(WHOLE_MEMORY_SECONDS, Math.ceil(since));
      await this.hear(within, AbortSignal.timeout(PATIENCE_MS)).catch(() => {}); // told by lastFailure
      await next;
    }
  }

  private async hear(withinSeconds: number, signal: AbortSignal): Promise<TokenFacts> {
    const asked = performance.now();
    try {
      const facts = await this.options.feed.tokenFacts(withinSeconds, signal);
      for (const sessionId of facts.endedSessions) this.revoked.add(sessionId);
      this.heardAt = asked;
      this.failure = undefined;
      return facts;
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
