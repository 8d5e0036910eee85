import type { TokenFacts, TokenFeed } from '@holdfast/host';
import { Injectable } from '@nestjs/common';
import { SessionStore } from './session.store.js';
import { SigningKeyStore } from './signing-key.store.js';

/** What an edge has to know of the access tokens that were issued here. */
@Injectable()
export class IssuedTokens implements TokenFeed {
  constructor(
    private readonly keys: SigningKeyStore,
    private readonly sessions: SessionStore,
  ) {}

  async tokenFacts(withinSeconds: number): Promise<TokenFacts> {
    const [keys, endedSessions] = await Promise.all([
      this.keys.published(),
      this.sessions.revokedWithin(withinSeconds),
    ]);
    return { keys, endedSessions };
  }
}
