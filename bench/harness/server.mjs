// The bench's own durable PostgreSQL, pinned to its core, with a fresh database per contestant.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { lockData } from '../../scripts/launch/lock.mjs';
import { startPostgres } from '../../scripts/postgres.mjs';
import { DATABASE_CORE, cpuOfGroup, pin, usedSince } from './processors.mjs';

const data = path.resolve(import.meta.dirname, '../.data');

/** Durable, and no checkpoint inside a window. */
const settings = { fsync: 'on', synchronous_commit: 'on', max_wal_size: '4GB', checkpoint_timeout: '30min' };

/** @param {{ slowDisk?: boolean }} options slowDisk: every fdatasync takes 1 ms longer, as on a cloud disk */
export async function startServer({ slowDisk = false, say }) {
  const dataDir = path.join(data, slowDisk ? 'slow-disk' : 'disk');
  const lock = await lockData(dataDir, { command: 'npm run bench' });
  const preloadBefore = process.env.LD_PRELOAD;
  if (slowDisk) process.env.LD_PRELOAD = slowDiskShim();
  const postgres = await startPostgres({ dataDir, settings, log: say }).finally(() => {
    if (preloadBefore === undefined) delete process.env.LD_PRELOAD;
    else process.env.LD_PRELOAD = preloadBefore;
  });
  pin(postgres.pid, DATABASE_CORE);
  for (const child of cpuOfGroup(postgres.pid).keys()) pin(child, DATABASE_CORE);

  const urlOf = (database) => Object.assign(new URL(postgres.url), { pathname: `/${database}` }).href;
  const admin = async (statement, url = postgres.url) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };
  const [{ server_version: version }] = await admin('show server_version');
  return {
    url: postgres.url,
    version,
    settings,
    read: () => cpuOfGroup(postgres.pid),
    since: (reading) => usedSince(postgres.pid, reading),
    async freshDatabase(name) {
      await admin(`drop database if exists ${name} with (force)`);
      await admin(`create database ${name}`);
      return urlOf(name);
    },
    vacuum: (name) => admin('vacuum analyze', urlOf(name)),
    checkpoint: () => admin('checkpoint'),
    async stop() {
      await postgres.stop();
      await lock.release();
      fs.rmSync(dataDir, { recursive: true, force: true }); // gigabytes of WAL
    },
  };
}

/** Why the slow disk cannot be had on this machine, or undefined. */
export function slowDiskMissing() {
  if (process.platform !== 'linux') return 'LD_PRELOAD is needed, and this is not Linux';
  return spawnSync('cc', ['--version']).status === 0 ? undefined : 'there is no C compiler (cc) here';
}

function slowDiskShim() {
  const library = path.join(data, 'slow-fdatasync.so');
  fs.mkdirSync(data, { recursive: true });
  const source = path.join(import.meta.dirname, 'slow-fdatasync.c');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The slow-disk shim does not compile: ${stderr}`);
  fs.chmodSync(library, 0o755);
  return library;
}
