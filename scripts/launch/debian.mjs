// Programs that Debian and Ubuntu have: installed where this process may.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

/** A mirror may be slow, and may never answer. */
const PATIENCE_MS = 180_000;

/**
 * Installs a package, when this process is root on a machine with apt-get. Whoever calls looks for the program afterwards.
 * @param {string} name
 * @param {(text: string) => void} [log]
 */
export function installPackage(name, log = () => {}) {
  if (process.getuid?.() !== 0 || !fs.existsSync('/etc/debian_version')) return;
  log(`installing ${name} (apt-get)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => spawnSync('apt-get', args, { env, encoding: 'utf8', timeout: PATIENCE_MS });
  const install = () => apt('install', '-y', '--no-install-recommends', name).status === 0;
  if (install()) return;
  apt('update');
  install();
}
