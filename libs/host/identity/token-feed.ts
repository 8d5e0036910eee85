import type { JwksDocument } from '@holdfast/security';

/** What an edge has to know to judge access tokens. */
export interface TokenFacts {
  /** Public halves of the keys that sign them. */
  keys: JwksDocument['keys'];
  /** Sessions that ended, however long their tokens still say they live. */
  endedSessions: readonly string[];
}

/** Asked by an edge; answered by the context that issues access tokens, in this process or another. */
export interface TokenFeed {
  /**
   * @param withinSeconds sessions that ended longer ago are of no interest
   * @param signal when whoever asks waits no longer
   */
  tokenFacts(withinSeconds: number, signal?: AbortSignal): Promise<TokenFacts>;
}
