import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { missingRoleUrls, takeDatabaseUrl } from '../../scripts/launch/given.mjs';
import { internalTokenKeys, PROVIDER_SECRETS, providerSecrets } from '../../scripts/launch/secrets.mjs';

describe('what was given as a value or as a file', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-given-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const file = (text: string) => {
    const name = path.join(folder, 'given');
    writeFileSync(name, text);
    return name;
  };

  it('is not made up beside it: keys of the payment providers', () => {
    const env = { ACME_API_KEY: '', ACME_API_KEY_FILE: '/run/secrets/acme', GLOBEX_API_KEY: 'theirs' };
    const missing = PROVIDER_SECRETS.filter((name) => name.endsWith('_WEBHOOK_SECRET'));
    expect(Object.keys(providerSecrets(folder, env))).toEqual(missing);
  });

  it('is not made up beside it: what verifies internal tokens', () => {
    const { contexts } = internalTokenKeys(folder, { INTERNAL_TOKEN_PUBLIC_KEYS_FILE: '/run/secrets/keys' });
    expect(contexts).toEqual({ INTERNAL_TOKEN_KEY: '', INTERNAL_TOKEN_KEY_FILE: '' });
    expect(internalTokenKeys(folder, {}).contexts.INTERNAL_TOKEN_PUBLIC_KEYS).toMatch(/^-----BEGIN PUBLIC KEY/);
  });

  it('is not made up beside it: a context’s URL of the database', () => {
    const env = { USERS_DATABASE_URL: 'postgres://mine', WEB_SHOP_DATABASE_URL_FILE: '/run/secrets/web' };
    const urlOf = (context: string) => `postgres://${context}_app`;
    expect(missingRoleUrls(env, ['users', 'web-shop', 'orders'], urlOf)).toEqual({
      ORDERS_DATABASE_URL: 'postgres://orders_app',
    });
  });

  it('is read once, for launchers, which know DATABASE_URL only', () => {
    const env = { DATABASE_URL: '', DATABASE_URL_FILE: file('postgres://admin:x@db/holdfast\n') };
    takeDatabaseUrl(env);
    expect(env).toEqual({ DATABASE_URL: 'postgres://admin:x@db/holdfast' });
    takeDatabaseUrl(env);
    expect(env).toEqual({ DATABASE_URL: 'postgres://admin:x@db/holdfast' });
  });

  it('is refused when it says two things, or nothing', () => {
    const both = { DATABASE_URL: 'postgres://a', DATABASE_URL_FILE: '/b' };
    expect(() => takeDatabaseUrl(both)).toThrow('Both DATABASE_URL and DATABASE_URL_FILE are set');
    expect(() => takeDatabaseUrl({ DATABASE_URL_FILE: file('\n') })).toThrow('is empty');
    expect(() => takeDatabaseUrl({ DATABASE_URL_FILE: '/not/there' })).toThrow('/not/there cannot be read (ENOENT)');
  });
});
