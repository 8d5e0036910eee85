import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { BUNDLED, COMPILED, root } from '../../scripts/launch/app.mjs';

/**
 * Runs a few lines that import what was built, as './dist/…', in a process of their own: all contexts cost three times as much
 * when jest imports them.
 */
export function runBuilt(lines: string, env: Record<string, string> = {}): ChildProcessWithoutNullStreams {
  const args = [...BUNDLED, '--input-type=module', '--eval', lines];
  return spawn(process.execPath, args, { cwd: root, env: { ...COMPILED, ...process.env, ...env } });
}
