import { Passwords, SessionEnds } from '@holdfast/security';
import { Module } from '@nestjs/common';
import { AccessTokens } from './access-tokens.js';
import { AuthController } from './auth.controller.js';
import { DevelopmentCredentials } from './development-credentials.js';
import { GetMeHandler } from './get-me/get-me.js';
import { IssuedTokens } from './issued-tokens.js';
import { KeysController } from './keys.controller.js';
import { LogInHandler } from './log-in/log-in.js';
import { LogOutHandler } from './log-out/log-out.js';
import { GetTokenKeysHandler } from './publish-keys/publish-keys.js';
import { RefreshSessionHandler } from './refresh-session/refresh-session.js';
import { RegisterUserHandler } from './register-user/register-user.js';
import { SessionStore } from './session.store.js';
import { SigningKeyStore } from './signing-key.store.js';
import { UserStore } from './user.store.js';
import { UsersController } from './users.controller.js';
import { UsersSeed } from './users.seed.js';

@Module({
  controllers: [UsersController, AuthController, KeysController],
  providers: [
    { provide: Passwords, useFactory: () => new Passwords() },
    UserStore,
    SessionStore,
    SigningKeyStore,
    SessionEnds,
    AccessTokens,
    RegisterUserHandler,
    LogInHandler,
    RefreshSessionHandler,
    LogOutHandler,
    GetMeHandler,
    GetTokenKeysHandler,
    IssuedTokens,
    UsersSeed,
    DevelopmentCredentials,
  ],
})
export class UsersModule {}
