import { databaseVariable, ownSettings } from '../../scripts/launch/own-settings.mjs';

describe('what a process is told', () => {
  const env = {
    PATH: '/bin',
    NODE_ENV: 'test',
    USERS_TOKEN_ISSUER: 'https://holdfast.local',
    DATABASE_POOL_SIZE: '4',
    DATABASE_URL: 'postgres://postgres:x@localhost/postgres',
    ORDERS_DATABASE_URL: 'postgres://orders_app:x@localhost/postgres',
    ACME_API_KEY: 'k',
    ACME_WEBHOOK_SECRET_FILE: '/run/secrets/acme',
    USERS_ADMIN_PASSWORD: 'p',
    NATS_NKEY_SEED: 's',
    AWS_SECRET_ACCESS_KEY: 'the developer’s own',
    GITHUB_TOKEN: 'too',
    PGPASSWORD: 'and this',
    UNSET: undefined,
  };

  it('is everything but secrets, and of those its own, as values or as files', () => {
    const settings = ['PATH', 'NODE_ENV', 'USERS_TOKEN_ISSUER', 'DATABASE_POOL_SIZE'];
    expect(Object.keys(ownSettings(env))).toEqual(settings);
    expect(Object.keys(ownSettings(env, ['ACME_API_KEY', 'ACME_WEBHOOK_SECRET']))).toEqual([
      ...settings,
      'ACME_API_KEY',
      'ACME_WEBHOOK_SECRET_FILE',
    ]);
  });

  it('knows where a context has its role', () => {
    expect(databaseVariable('web-shop')).toBe('WEB_SHOP_DATABASE_URL');
  });
});
