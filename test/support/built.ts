import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../../scripts/launch/app.mjs';

const BUNDLED = pathToFileURL(path.join(root, 'scripts/packages/use-packages.mjs')).href;

/**
 * Runs a few lines that import what was built, as './dist/…', in a process of their own: all contexts cost three times as much
 * when jest imports them.
 */
export function runBuilt(lines: string, env: Record<string, string> = {}): ChildProcessWithoutNullStreams {
  const args = ['--import', BUNDLED, '--input-type=module', '--eval', lines];
  return spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env } });
}
