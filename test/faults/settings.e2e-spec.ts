import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startApp } from '../../scripts/launch/app.mjs';
import { accepts, freePort } from '../../scripts/launch/ports.mjs';
import { absentProviders } from '../support/absent-providers.js';
import { adminUrl, dropDatabase, emptyDatabase } from '../support/databases.js';

describe('a start that cannot succeed', () => {
  let folder: string;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-settings-'));
    port = await freePort();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function start(env: Record<string, string>): Promise<{ code: number; said: string }> {
    const file = path.join(folder, 'output');
    const output = openSync(file, 'w');
    try {
      const all = { PORT: String(port), DATABASE_URL: adminUrl(), LOG_LEVEL: 'info', NODE_ENV: 'test', ...env };
      const code = await startApp({ name: 'monolith', env: all, output }).exited;
      return { code, said: readFileSync(file, 'utf8') };
    } finally {
      closeSync(output);
    }
  }

  it('names everything that is missing, wrong, or only good for development, at once, and repeats no secret', async () => {
    const secret = 'short-secret';
    const wrong = {
      LOG_LEVEL: 'loud',
      ACME_URL: 'not a url',
      GLOBEX_API_KEY: secret,
      INVENTORY_RESERVATION_TTL_MS: '-1',
      PAYMENTS_PROVIDER_TIMEOUT_MS: '1e99',
    };
    const forDevelopment = ['USERS_ADMIN_PASSWORD', 'USERS_OPERATOR_PASSWORD', 'USERS_KEY_ENCRYPTION_SECRET'];
    const { code, said } = await start({ NODE_ENV: 'production', ...wrong });
    expect(code).toBe(1);
    for (const name of [...Object.keys({ ...absentProviders, ...wrong }), ...forDevelopment])
      expect(said).toContain(name);
    expect(said).not.toContain(secret);
    expect(said).not.toContain('holdfast-admin-dev');
    expect(said).not.toMatch(/\n\s+at /); // for people, not a stack
    expect(await accepts(port)).toBe(false);
  });

  it('asks no process for the secrets of contexts it does not run', async () => {
    const elsewhere = { CONTEXTS: 'payments', NATS_URL: 'nats://127.0.0.1:9', NODE_ENV: 'production', PORT: 'eighty' };
    const { said } = await start({ ...elsewhere, ACME_URL: 'not a url' });
    for (const name of ['PORT', 'ACME_URL', 'GLOBEX_API_KEY']) expect(said).toContain(name);
    expect(said).not.toMatch(/USERS_KEY_ENCRYPTION_SECRET|USERS_ADMIN_PASSWORD/);
    expect(said).not.toContain('INVENTORY');
  });

  it('says that the database was not migrated, and how to do it', async () => {
    const name = await emptyDatabase();
    try {
      const { code, said } = await start({ ...absentProviders, DATABASE_URL: adminUrl(name) });
      expect(code).toBe(1);
      expect(said).toMatch(/has not been migrated .*npm run migrate|refused the login .*npm run migrate/);
      expect(said).not.toMatch(/\n\s+at /);
    } finally {
      await dropDatabase(name);
    }
  });

  it('says that the database refuses its password, and what to do', async () => {
    const wrong = new URL(adminUrl());
    wrong.password = 'not-the-password';
    const { code, said } = await start({ ...absentProviders, DATABASE_URL: wrong.href });
    expect(code).toBe(1);
    expect(said).toMatch(/PostgreSQL refused the login/);
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('says that the database cannot be reached, and keeps its password', async () => {
    const nobody = `postgres://someone:the-database-password@127.0.0.1:${await freePort()}/nothing`;
    const { code, said } = await start({ ...absentProviders, DATABASE_URL: nobody });
    expect(code).toBe(1);
    expect(said).toMatch(/PostgreSQL cannot be reached .*ECONNREFUSED.*Start it, or correct DATABASE_URL/);
    expect(said).not.toContain('the-database-password');
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('names contexts that it does not have', async () => {
    const { code, said } = await start({ ...absentProviders, CONTEXTS: 'orders,dragons' });
    expect(code).toBe(1);
    expect(said).toContain('dragons');
  });

  it('names messages that nobody would answer', async () => {
    const { code, said } = await start({ ...absentProviders, CONTEXTS: 'orders,users' });
    expect(code).toBe(1);
    expect(said).toMatch(/orders reads catalog\.product-added\.v1, which nobody/);
  });
});
