import { UnitOfWork, type Transaction } from '@holdfast/data-consistency';
import { SessionEnds, decideRefresh, newRefreshToken } from '@holdfast/security';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { SessionStore } from '../session.store.js';

export class LogOut extends Command<void> {
  constructor(readonly refreshToken: string) {
    super();
  }
}

@CommandHandler(LogOut)
export class LogOutHandler implements ICommandHandler<LogOut> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly sessions: SessionStore,
    private readonly ends: SessionEnds,
  ) {}

  async execute({ refreshToken }: LogOut): Promise<void> {
    const ended = await this.work.run((tx) => this.end(refreshToken, tx));
    if (ended !== undefined) this.ends.announce(ended);
  }

  /**
   * Any genuine token of the session will do, also one that was exchanged before. A session that has ended ends once more: whoever
   * asks again may be asking because the first answer was lost, and with it the announcement.
   */
  private async end(presented: string, tx: Transaction): Promise<string | undefined> {
    const found = await this.sessions.find(tx, presented);
    if (!found) return undefined;
    const { token, family } = found;
    const successor = () => newRefreshToken(family.id, tx.now);
    const decision = decideRefresh({ presented, token, family, now: tx.now, successor });
    if (decision.kind === 'refuse' && decision.reason !== 'revoked') return undefined;

    this.sessions.revoke(tx, family.id, 'logout');
    return family.id;
  }
}
