import { defineContext } from '@holdfast/host';
import { UserRegistered } from './contracts/events.js';
import { TokenKeys } from './contracts/queries.js';
import { DevelopmentCredentials } from './development-credentials.js';
import { RevokedSessions } from './revoked-sessions.js';
import { User } from './user.entity.js';
import { usersConfig } from './users.config.js';
import { UsersModule } from './users.module.js';
import { UsersSeed } from './users.seed.js';

export const users = defineContext({
  name: 'users',
  module: UsersModule,
  emits: [UserRegistered],
  config: [usersConfig],
  entities: [User],
  tokens: {
    keys: TokenKeys,
    issuer: (config) => config.get(usersConfig).tokenIssuer,
    audience: (config) => config.get(usersConfig).tokenAudience,
    revocations: RevokedSessions,
  },
  notice: DevelopmentCredentials,
  seed: UsersSeed,
});
