import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PROVIDER_SECRETS, providerSecrets } from '../../scripts/launch/secrets.mjs';

describe('what the shop and the payment providers share', () => {
  const before = { ...process.env };
  let dataDir: string;
  beforeEach(() => void (dataDir = mkdtempSync(path.join(os.tmpdir(), 'holdfast-secrets-'))));
  afterEach(() => {
    process.env = { ...before };
    rmSync(dataDir, { recursive: true });
  });

  it('is made once, also for whoever copies .env.example and fills in nothing', () => {
    for (const name of PROVIDER_SECRETS) process.env[name] = '';
    const made = providerSecrets(dataDir);
    for (const name of PROVIDER_SECRETS) expect(made[name]).toMatch(/^[\w-]{43}$/);
    expect(providerSecrets(dataDir)).toEqual(made);
  });

  it('is left to the environment, where that says something', () => {
    process.env.ACME_API_KEY = 'a key of their own';
    expect(providerSecrets(dataDir)).not.toHaveProperty('ACME_API_KEY');
  });
});
