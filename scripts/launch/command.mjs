// What every launching command does alike: read .env, say what happens, obey signals, end with the right code.
import fs from 'node:fs';
import path from 'node:path';
import { root } from './app.mjs';
import { takeDatabaseUrl } from './given.mjs';

export const say = (text) => console.log(`  ${text}`);

/**
 * @param {(signal: AbortSignal) => Promise<{ stop(): Promise<string[]>, kill(): void, exited: Promise<number> }>} start
 * first SIGINT/SIGTERM: stop in order and exit 0, or 1 when something did not end as it should; second: exit now. When
 * `exited` comes first, its code is ours.
 */
export async function runCommand(start) {
  const environment = path.join(root, '.env');
  if (fs.existsSync(environment)) process.loadEnvFile(environment);
  const asked = new AbortController();
  let running;
  let firstSignal;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => {
      const now = performance.now();
      if (firstSignal === undefined) say('stopping … (once more to stop at once)');
      // One Ctrl-C arrives twice under npm: from the terminal, and passed on by npm.
      else if (now - firstSignal > 500) {
        running?.kill();
        process.exit(130);
      }
      firstSignal ??= now;
      asked.abort();
    });
  }
  if (process.env.npm_lifecycle_event) stopWithParent(process.ppid, asked);
  try {
    takeDatabaseUrl(process.env);
    running = await start(asked.signal);
    const stopAsked = new Promise((resolve) => {
      if (asked.signal.aborted) resolve();
      asked.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    const code = await Promise.race([running.exited, stopAsked.then(() => 0)]);
    if (!asked.signal.aborted && code !== 0) say(`ended with code ${code}`);
    const complaints = await running.stop();
    complaints.forEach(say);
    process.exit(code || Math.min(complaints.length, 1));
  } catch (error) {
    if (asked.signal.aborted && !running) process.exit(0); // nothing ran yet
    console.error(`\n${error.message}`);
    process.exit(error.code > 0 ? error.code : 1);
  }
}

/** npm that was killed can pass no signal on: its end is the signal. */
function stopWithParent(parent, asked) {
  setInterval(() => process.ppid !== parent && asked.abort(), 500).unref();
}

/** @param {string} origin where this machine reaches the shop */
export function welcome(origin) {
  const base = origin.replace('//127.0.0.1:', '//localhost:');
  console.log(`
  Holdfast is ready

    shop      ${base}/api/v1/products
    Swagger   ${base}/docs
    health    ${base}/healthz
    metrics   ${base}/metrics

  Ctrl-C stops it; the data stays.
`);
}
