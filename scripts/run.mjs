// node scripts/run.mjs <app>[/<entry>] [arguments]: runs one built app to its end on the shop's database. That is
// DATABASE_URL, else the embedded one of a shop that is running, else the embedded one started for the occasion.
import path from 'node:path';
import { build } from './build.mjs';
import { root, startApp } from './launch/app.mjs';
import { runCommand } from './launch/command.mjs';
import { holderOf, lockData } from './launch/lock.mjs';
import { urlOfRunning } from './launch/running-database.mjs';
import { providerSecrets } from './launch/secrets.mjs';
import { startPostgres } from './postgres.mjs';

const [target, ...args] = process.argv.slice(2);
const [name, entry] = target.split('/');

/** Beside what the app prints, which may be read by a program. */
const say = (text) => console.error(`  ${text}`);

async function openDatabase(dataDir) {
  if (process.env.DATABASE_URL) return { url: process.env.DATABASE_URL, stop: async () => {} };
  const holder = await holderOf(dataDir);
  if (holder) {
    const url = urlOfRunning(dataDir, holder);
    say('using the database of the shop that is running');
    return { url, stop: async () => {} };
  }
  const lock = await lockData(dataDir, { command: `npm run ${process.env.npm_lifecycle_event ?? name}` });
  const postgres = await startPostgres({ dataDir, log: say });
  const stop = async () => {
    await postgres.stop();
    await lock.release();
  };
  return { url: postgres.url, stop };
}

await runCommand(async () => {
  await build();
  const dataDir = path.resolve(process.env.DATA_DIR || path.join(root, '.holdfast'));
  const database = await openDatabase(dataDir);
  // No payment provider is started for these: a call would be refused, and tried again by the next shop that runs.
  const nobody = 'http://127.0.0.1:1';
  const env = {
    DATABASE_URL: database.url,
    DATA_DIR: dataDir,
    EDGE: 'here',
    ACME_URL: process.env.ACME_URL || `${nobody}/acme`,
    GLOBEX_URL: process.env.GLOBEX_URL || `${nobody}/globex`,
    ...providerSecrets(dataDir),
  };
  const app = startApp({ name, entry, args, env, interactive: true });
  return {
    exited: app.exited,
    kill: () => app.kill(),
    stop: async () => {
      await app.stop();
      await database.stop();
      return []; // its code says how it ended
    },
  };
});
