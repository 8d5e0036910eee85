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
  tokens: { feed: IssuedTokens, ends: SessionEnds },
  notice: DevelopmentCredentials,
  seed: UsersSeed,
});
