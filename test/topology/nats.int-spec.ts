import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startNats } from '../../scripts/topology/nats.mjs';

describe('a nats-server that does not start', () => {
  const { PATH } = process.env;
  let dataDir: string;

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(os.tmpdir(), 'holdfast-nats-'));
    const program = path.join(dataDir, 'nats-server');
    const script =
      '#!/bin/sh\n[ "$1" = --version ] && echo nats-server: v2.9.0 && exit\necho no space left >&2; exit 3\n';
    writeFileSync(program, script);
    chmodSync(program, 0o755);
    process.env.PATH = dataDir + path.delimiter + PATH;
  });

  afterEach(() => {
    process.env.PATH = PATH;
    rmSync(dataDir, { recursive: true });
  });

  it('is given up with its last words, and where the others are', async () => {
    const tls = { certFile: '/tls/tls.crt', keyFile: '/tls/tls.key', caFile: '/tls/ca.crt' };
    const started = startNats({ dataDir, users: [], manifests: [], tls });
    const log = path.join(dataDir, 'nats', 'server.log');
    await expect(started).rejects.toThrow(`last with code 3. ${log} ends with:\nno space left\nno space left`);
  });
});
