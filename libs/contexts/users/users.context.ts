import { defineContext, tokenConfig } from '@holdfast/host';
import { SessionEnds } from '@holdfast/security';
import { UserRegistered } from './contracts/events.js';
import { DevelopmentCredentials } from './development-credentials.js';
import { IssuedTokens } from './issued-tokens.js';
import { User } from './user.entity.js';
import { usersConfig } from './users.config.js';
import { UsersModule } from './users.module.js';
import { UsersSeed } from './users.seed.js';

export const users = defineContext({
  name: 'users',
  module: UsersModule,
  emits: [UserRegistered],
  config: [usersConfig, tokenConfig],
  entities: [User],
  // Most people never say goodbye. Tokens first: one session may have had thousands.
  expiring: [
    { table: 'refresh_token', column: 'expires_at' },
    { table: 'session', column: 'expires_at' },
  ],
  tokens: { feed: IssuedTokens, ends: SessionEnds },
  notice: DevelopmentCredentials,
  seed: UsersSeed,
});
