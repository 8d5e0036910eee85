import { isAlive } from '../../../scripts/launch/running.mjs';
import { until } from '../../../scripts/launch/wait.mjs';
import { startPostgres } from '../../../scripts/postgres.mjs';
import { findNats } from '../../../scripts/topology/nats.mjs';
import { makeDataFolder } from './data-folder.mjs';

/**
 * One PostgreSQL for the whole run, unless TEST_DATABASE_URL names one. TEST_ADMIN_DATABASE_URL (and DATABASE_URL) is
 * the superuser's address: every test file makes databases of its own there.
 */
export default async function globalSetup() {
  const installer = Number(process.env.NATS_INSTALLER_PID);
  if (installer) await until(() => !isAlive(installer), { withinMs: 300_000 });
  try {
    findNats(); // installed once, before several tests want it at the same time
  } catch {
    // Each test that needs it says so itself.
  }
  let url = process.env.TEST_DATABASE_URL;
  if (!url) {
    const dataDir = await makeDataFolder();
    const postgres = await startPostgres({ dataDir, fsync: false });
    globalThis.holdfastPostgres = { postgres, dataDir };
    url = postgres.url;
  }
  process.env.TEST_ADMIN_DATABASE_URL = url;
  process.env.DATABASE_URL = url;
  process.env.LOG_LEVEL ??= 'silent';
}
