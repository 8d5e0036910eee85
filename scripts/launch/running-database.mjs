import fs from 'node:fs';
import path from 'node:path';

/**
 * The administrator's URL of the embedded PostgreSQL that a running shop started.
 * @param {string} dataDir
 * @param {{ command?: string, external?: boolean }} holder what that shop says of itself (lock.mjs)
 * @throws {Error} when it has none, or not yet
 */
export function urlOfRunning(dataDir, { command = 'a launcher', external }) {
  if (external)
    throw new Error(
      `${command} runs on ${dataDir} with the PostgreSQL that its DATABASE_URL names. Give this command the same one.`,
    );
  const read = (file) => fs.readFileSync(path.join(dataDir, file), 'utf8').trim();
  try {
    return `postgres://postgres:${read('secrets/postgres')}@127.0.0.1:${read('postgres.port')}/postgres`;
  } catch (error) {
    throw new Error(`${command} is still making the database in ${dataDir}. Try again once it is ready.`, {
      cause: error,
    });
  }
}
