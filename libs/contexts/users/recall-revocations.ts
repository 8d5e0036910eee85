import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { RevokedSessions } from './revoked-sessions.js';
import { SessionStore } from './session.store.js';

/** A restart must not bring a session back that was ended just before it. */
@Injectable()
export class RecallRevocations implements OnApplicationBootstrap {
  constructor(
    private readonly sessions: SessionStore,
    private readonly revoked: RevokedSessions,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const id of await this.sessions.recentlyRevoked()) this.revoked.add(id);
  }
}
