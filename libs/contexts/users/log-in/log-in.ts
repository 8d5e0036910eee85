import { UnitOfWork } from '@holdfast/data-consistency';
import { EmailField, SecretField } from '@holdfast/host';
import { newId } from '@holdfast/messaging';
import { Passwords, newRefreshToken } from '@holdfast/security';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AccessTokens } from '../access-tokens.js';
import { SessionStore } from '../session.store.js';
import { tokensView, type TokensView } from '../tokens.view.js';
import { UserStore, type Credential } from '../user.store.js';
import { wrongCredentials } from '../users.problems.js';

export class LoginBody {
  @EmailField()
  email!: string;

  @SecretField({ max: 1_024, example: 'correct horse battery staple' })
  password!: string;
}

export class LogIn extends Command<TokensView> {
  constructor(readonly input: LoginBody) {
    super();
  }
}

@CommandHandler(LogIn)
export class LogInHandler implements ICommandHandler<LogIn> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly users: UserStore,
    private readonly sessions: SessionStore,
    private readonly passwords: Passwords,
    private readonly accessTokens: AccessTokens,
  ) {}

  async execute({ input: { email, password } }: LogIn): Promise<TokensView> {
    const credential = await this.proven(email, password);
    const { userId, roles, passwordHash } = credential;
    const stronger = this.passwords.needsRehash(passwordHash) ? await this.passwords.hash(password) : undefined;

    return this.work.run(async (tx) => {
      const sessionId = newId();
      const refresh = newRefreshToken(sessionId, tx.now);
      const access = await this.accessTokens.issue({ id: userId, roles, sessionId });

      this.sessions.open(tx, userId, refresh);
      if (stronger !== undefined) this.users.strengthen(tx, credential, stronger);
      return tokensView(access, refresh);
    });
  }

  /** An unknown address costs as much as a wrong password and is answered alike. */
  private async proven(email: string, password: string): Promise<Credential> {
    const credential = await this.users.credentialOf(email);
    const right = credential
      ? await this.passwords.verify(credential.passwordHash, password)
      : await this.passwords.verifyUnknown(password);
    if (!credential || !right) throw wrongCredentials();
    return credential;
  }
}
