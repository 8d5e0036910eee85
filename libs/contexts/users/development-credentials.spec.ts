import { ConfigurationError, loadConfig } from '@holdfast/configuration';
import { DevelopmentCredentials } from './development-credentials.js';
import { usersConfig } from './users.config.js';

const loaded = (environment: Record<string, string>) => loadConfig([usersConfig], environment).get(usersConfig);

it('names both accounts while nobody has given them a password', () => {
  expect(new DevelopmentCredentials(loaded({})).lines()).toEqual([
    'admin: admin@holdfast.local / holdfast-admin-dev (development only)',
    'operator: operator@holdfast.local / holdfast-operator-dev (development only)',
  ]);
});

it('never says a password that somebody chose', () => {
  const config = loaded({ USERS_ADMIN_PASSWORD: 'chosen by a person' });
  expect(new DevelopmentCredentials(config).lines().join()).not.toMatch(/admin@|chosen/);
});

it('leaves production no default: each secret must be set, and not to what is known', () => {
  const faultsOf = (environment: Record<string, string>): readonly { variable: string }[] => {
    try {
      loaded({ NODE_ENV: 'production', ...environment });
      return [];
    } catch (error) {
      if (error instanceof ConfigurationError) return error.faults;
      throw error;
    }
  };
  const all = ['USERS_KEY_ENCRYPTION_SECRET', 'USERS_ADMIN_PASSWORD', 'USERS_OPERATOR_PASSWORD'];
  expect(faultsOf({}).map(({ variable }) => variable)).toEqual(all);
  const chosen = {
    USERS_KEY_ENCRYPTION_SECRET: 'k'.repeat(32),
    USERS_ADMIN_PASSWORD: 'holdfast-admin-dev',
    USERS_OPERATOR_PASSWORD: 'chosen by a person',
  };
  expect(faultsOf(chosen).map(({ variable }) => variable)).toEqual(['USERS_ADMIN_PASSWORD']);
  expect(faultsOf({ ...chosen, USERS_ADMIN_PASSWORD: 'also chosen by a person' })).toEqual([]);
});
