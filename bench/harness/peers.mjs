import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const peers = path.resolve(import.meta.dirname, '../peers');

/** Installs what we are measured against, once per lockfile. Nothing of it is part of Holdfast. */
export function installPeers(say) {
  const mark = path.join(peers, 'node_modules', '.holdfast-setup');
  const lockfile = createHash('sha256')
    .update(fs.readFileSync(path.join(peers, 'package-lock.json')))
    .digest('hex');
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === lockfile) return;
  say('installing the peers (once per lockfile) …');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: peers,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ci failed in ${peers}: check the way to the npm registry, then run it again.`);
  fs.writeFileSync(mark, lockfile);
}
