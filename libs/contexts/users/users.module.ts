import { Passwords } from '@holdfast/security';
import { Module } from '@nestjs/common';
import { AccessTokens } from './access-tokens.js';
import { AuthController } from './auth.controller.js';
import { DevelopmentCredentials } from './development-credentials.js';
import { GetMeHandler } from './get-me/get-me.js';
import { KeysController } from './keys.controller.js';
import { LogInHandler } from './log-in/log-in.js';
import { LogOutHandler } from './log-out/log-out.js';
import { AnswerTokenKeys, GetTokenKeysHandler } from './publish-keys/publish-keys.js';
import { RecallRevocations } from './recall-revocations.js';
import { RefreshSessionHandler } from './refresh-session/refresh-session.js';
import { RegisterUserHandler } from './register-user/register-user.js';
import { RevokedSessions } from './revoked-sessions.js';
import { SessionStore } from './session.store.js';
import { SigningKeyStore } from './signing-key.store.js';
import { UserStore } from './user.store.js';
import { UsersController } from './users.controller.js';
import { UsersSeed } from './users.seed.js';

@Module({
  controllers: [UsersController, AuthController, KeysController],
  providers: [
    { provide: Passwords, useFactory: () => new Passwords() },
    { provide: RevokedSessions, useFactory: () => new RevokedSessions() },
    UserStore,
    SessionStore,
    SigningKeyStore,
    AccessTokens,
    RecallRevocations,
    RegisterUserHandler,
    LogInHandler,
    RefreshSessionHandler,
    LogOutHandler,
    GetMeHandler,
    GetTokenKeysHandler,
    AnswerTokenKeys,
    UsersSeed,
    DevelopmentCredentials,
  ],
  exports: [RevokedSessions],
})
export class UsersModule {}
