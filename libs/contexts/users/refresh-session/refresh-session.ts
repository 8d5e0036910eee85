import { UnitOfWork, type Transaction } from '@holdfast/data-consistency';
import { SessionEnds, decideRefresh, newRefreshToken } from '@holdfast/security';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AccessTokens } from '../access-tokens.js';
import { SessionStore } from '../session.store.js';
import { tokensView, type TokensView } from '../tokens.view.js';
import { sessionOver } from '../users.problems.js';

export class RefreshSession extends Command<TokensView> {
  constructor(readonly refreshToken: string) {
    super();
  }
}

interface Outcome {
  tokens?: TokensView;
  revoked?: string;
}

@CommandHandler(RefreshSession)
export class RefreshSessionHandler implements ICommandHandler<RefreshSession> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly sessions: SessionStore,
    private readonly ends: SessionEnds,
    private readonly accessTokens: AccessTokens,
  ) {}

  /** Refusals are thrown only after the unit of work, which commits the revocation that reuse calls for. */
  async execute({ refreshToken }: RefreshSession): Promise<TokensView> {
    const { tokens, revoked } = await this.work.run((tx) => this.rotate(refreshToken, tx));
    if (revoked !== undefined) this.ends.announce(revoked);
    if (!tokens) throw sessionOver();
    return tokens;
  }

  private async rotate(presented: string, tx: Transaction): Promise<Outcome> {
    const found = await this.sessions.find(tx, presented);
    if (!found) return {};
    const { token, family, holder } = found;
    const successor = () => newRefreshToken(family.id, tx.now);

    const decision = decideRefresh({ presented, token, family, now: tx.now, successor });
    switch (decision.kind) {
      case 'refuse':
        return {};
      case 'reuse':
        this.sessions.revoke(tx, decision.revokeFamilyId, 'reuse');
        return { revoked: decision.revokeFamilyId };
      case 'rotate': {
        const access = await this.accessTokens.issue(holder); // before anything is spent
        this.sessions.rotate(tx, decision.usedId, decision.successor);
        return { tokens: tokensView(access, decision.successor) };
      }
    }
  }
}
