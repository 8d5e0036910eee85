import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startApp } from '../../scripts/launch/app.mjs';
import { freePort } from '../../scripts/launch/ports.mjs';
import { absentProviders } from '../support/absent-providers.js';
import { adminUrl, dropDatabase, emptyDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';

describe('a process that is stopped while it starts', () => {
  it('ends in order, and does not call that a start that failed', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-stopped-'));
    const [file, database, port] = [path.join(folder, 'output'), await emptyDatabase(), await freePort()];
    const output = openSync(file, 'w');
    const env = {
      DATABASE_URL: adminUrl(database),
      PORT: String(port),
      LOG_LEVEL: 'info',
      ...absentProviders,
    };
    try {
      expect(await startApp({ name: 'migrate', env, output }).exited).toBe(0);
      const shop = startApp({ name: 'monolith', env, output });
      const ask = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
      const listening = { what: 'it listens', withinMs: 30_000, everyMs: 5 };
      expect(await eventually(() => ask().catch(() => 0), listening)).toBe(503); // it still seeds
      process.kill(shop.pid, 'SIGTERM');
      const code = await shop.exited;
      const said = readFileSync(file, 'utf8');
      expect(said).toContain('flush traces: done');
      expect(said).not.toMatch(/cannot start|ready:/);
      expect(code).toBe(0);
    } finally {
      closeSync(output);
      rmSync(folder, { recursive: true });
      await dropDatabase(database);
    }
  });
});
