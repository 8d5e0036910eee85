import { spawn, type ChildProcess } from 'node:child_process';
import { root } from '../../scripts/launch/app.mjs';

/** What the image does with a command line, on the files that it holds: everything but the container. */
export function runImage(
  app: string,
  env: Record<string, string>,
  output: 'ignore' | 'inherit' | 'pipe' = 'ignore',
): ChildProcess {
  const environment = { PATH: process.env.PATH, NODE_ENV: 'production', ...env };
  const command = ['deploy/image/holdfast.mjs', app];
  return spawn(process.execPath, command, { cwd: root, env: environment, stdio: ['ignore', output, output] });
}

/** What the image's HEALTHCHECK says in a container with this environment: 0 is well. */
export function healthcheck(env: Record<string, string>): Promise<number | null> {
  const environment = { PATH: process.env.PATH, ...env };
  return ended(
    spawn(process.execPath, ['deploy/image/healthcheck.mjs'], { cwd: root, env: environment, stdio: 'ignore' }),
  );
}

/** The exit code, when it is over. */
export const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode === null && child.signalCode === null) child.once('close', resolve);
    else resolve(child.exitCode);
  });
