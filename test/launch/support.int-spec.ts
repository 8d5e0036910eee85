import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../scripts/launch/ports.mjs';
import { startSupport } from '../../scripts/launch/support.mjs';

describe('what the shop needs around it', () => {
  it('says why it cannot be had, also to whoever writes it down elsewhere', async () => {
    const dataDir = mkdtempSync(path.join(os.tmpdir(), 'holdfast-support-'));
    const said: Buffer[] = [];
    const options = {
      dataDir,
      port: await freePort(),
      databaseUrl: `postgres://nobody:nothing@127.0.0.1:${await freePort()}/nowhere`,
      output: 'pipe' as const,
      written: (chunk: Buffer) => void said.push(chunk),
    };
    try {
      await expect(startSupport(options)).rejects.toThrow('The migrations failed (exit code 1)');
      expect(Buffer.concat(said).toString()).toContain('PostgreSQL cannot be reached');
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
