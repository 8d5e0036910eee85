import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { holderOf, lockData } from '../../scripts/launch/lock.mjs';
import { accepts } from '../../scripts/launch/ports.mjs';
import { urlOfRunning } from '../../scripts/launch/running-database.mjs';
import { startPostgres } from '../../scripts/postgres.mjs';
import { eventually } from '../support/eventually.js';

const root = path.resolve(import.meta.dirname, '../..');

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

const LAUNCHER = `
  import { startPostgres } from './scripts/postgres.mjs';
  const { url, pid } = await startPostgres({ dataDir: process.argv[1] });
  process.send?.({ url, pid });
  setInterval(() => {}, 1000);`;

/** A launcher in a process of its own, which can be killed. */
async function launchElsewhere(dataDir: string): Promise<{ launcher: ChildProcess; url: string; pid: number }> {
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', LAUNCHER, dataDir], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ url, pid }] = (await once(launcher, 'message')) as [{ url: string; pid: number }];
  return { launcher, url, pid };
}

describe('the embedded PostgreSQL', () => {
  let dataDir: string;
  const file = () => path.join(dataDir, 'postgres', 'postmaster.pid');

  beforeAll(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'holdfast-postgres-'));
    chmodSync(dataDir, 0o755);
  });

  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('is durable and lets nobody in without the password', async () => {
    const postgres = await startPostgres({ dataDir });
    try {
      const names = [
        'fsync',
        'synchronous_commit',
        'full_page_writes',
        'wal_level',
        'max_connections',
        'data_checksums',
      ];
      const settings = `select name, setting from pg_settings where name in ('${names.join("','")}')`;
      const rows = await query(postgres.url, settings);
      expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
        fsync: 'on',
        synchronous_commit: 'on',
        full_page_writes: 'on',
        data_checksums: 'on',
        wal_level: 'logical',
        max_connections: '300',
      });
      const wrong = new URL(postgres.url);
      wrong.password = 'wrong';
      await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
      expect(statSync(path.join(dataDir, 'secrets', 'postgres')).mode & 0o777).toBe(0o600);
    } finally {
      await postgres.stop();
    }
  });

  it('keeps what was committed when launcher and server are killed, and comes back on the same port', async () => {
    const first = await launchElsewhere(dataDir);
    await query(first.url, 'drop table if exists kept; create table kept (i int); insert into kept values (1), (2)');
    first.launcher.kill('SIGKILL');
    process.kill(first.pid, 'SIGKILL');
    await once(first.launcher, 'exit');

    const second = await startPostgres({ dataDir });
    try {
      expect(second.port).toBe(Number(new URL(first.url).port));
      expect(await query(second.url, 'select count(*)::int as n from kept')).toEqual([{ n: 2 }]);
    } finally {
      await second.stop();
    }
  });

  it('stops the server that a killed launcher left running before it starts another', async () => {
    const first = await launchElsewhere(dataDir);
    await query(first.url, 'create table if not exists left_running (i int)');
    first.launcher.kill('SIGKILL');
    await once(first.launcher, 'exit');

    const second = await startPostgres({ dataDir });
    try {
      expect(second.pid).not.toBe(first.pid);
      expect(await query(second.url, 'select * from left_running')).toEqual([]);
      // Started after a shutdown in good order, not after a crash: nothing had to be recovered.
      expect(readFileSync(path.join(dataDir, 'postgres.log'), 'utf8')).toContain('database system was shut down at');
    } finally {
      await second.stop();
    }
  });

  it('is started again, on the same port, when the server dies', async () => {
    let heard: (text: string) => void = () => {};
    const died = new Promise<string>((resolve) => (heard = resolve));
    const postgres = await startPostgres({ dataDir, fsync: false, log: (text) => heard(text) });
    try {
      process.kill(postgres.pid, 'SIGKILL');
      expect(await died).toContain('PostgreSQL ended by itself (SIGKILL)');
      const deadline = Date.now() + 20_000;
      let rows: unknown;
      while (!rows && Date.now() < deadline) rows = await query(postgres.url, 'select 1 as one').catch(() => undefined);
      expect(rows).toEqual([{ one: 1 }]);
      const log = readFileSync(path.join(dataDir, 'postgres.log'), 'utf8');
      expect(log.match(/ready to accept connections/g)).toHaveLength(2); // what the first one said is still there
    } finally {
      await postgres.stop();
    }
  });

  it.each([
    ['has just died', () => true],
    ['is recovering', (first: number) => existsSync(file()) && Number.parseInt(readFileSync(file(), 'utf8')) !== first],
  ])('is not left behind when it is stopped while it %s', async (_, isThen) => {
    const died = Promise.withResolvers<string>();
    const postgres = await startPostgres({ dataDir, fsync: false, log: (text) => died.resolve(text) });
    const first = postgres.pid;
    process.kill(first, 'SIGKILL');
    await died.promise;
    await eventually(() => isThen(first), { what: 'the moment to stop', everyMs: 1 });
    await postgres.stop();
    expect(existsSync(file())).toBe(false);
    expect(await accepts(postgres.port)).toBe(false);
  });

  it('is not left behind by a launcher that is killed while it starts', async () => {
    expect(existsSync(file())).toBe(false);
    const script = `
      import { existsSync } from 'node:fs';
      import { startPostgres } from './scripts/postgres.mjs';
      void startPostgres({ dataDir: process.argv[1] });
      setInterval(() => existsSync(process.argv[2]) && process.kill(process.pid, 'SIGKILL'), 1);`;
    const args = ['--input-type=module', '--eval', script, dataDir, file()];
    const launcher = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    expect(await once(launcher, 'exit')).toEqual([null, 'SIGKILL']);
    await eventually(() => !existsSync(file()), { what: 'its end' });
  });
});

describe('the lock of a data directory', () => {
  it('is held by one launcher, which the second is told about', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'holdfast-lock-'));
    try {
      const lock = await lockData(dataDir, { command: 'npm start', url: 'http://localhost:3000' });
      const second = lockData(dataDir, { command: 'npm run start:dev' });
      await expect(second).rejects.toThrow(`npm start (http://localhost:3000) runs on it as process ${process.pid}`);
      await lock.release();
      await (await lockData(dataDir, { command: 'npm run start:dev' })).release();
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });

  it('says of its holder whether a command beside it finds an embedded database', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'holdfast-lock-'));
    const lock = await lockData(dataDir, { command: 'npm start', external: true });
    try {
      const holder = (await holderOf(dataDir))!;
      expect(() => urlOfRunning(dataDir, holder)).toThrow('npm start runs on');
      expect(() => urlOfRunning(dataDir, holder)).toThrow('Give this command the same one');
      expect(() => urlOfRunning(dataDir, { command: 'npm start' })).toThrow('is still making the database');
      mkdirSync(path.join(dataDir, 'secrets'));
      writeFileSync(path.join(dataDir, 'secrets', 'postgres'), 'secret\n');
      writeFileSync(path.join(dataDir, 'postgres.port'), '12345');
      const url = 'postgres://postgres:secret@127.0.0.1:12345/postgres';
      expect(urlOfRunning(dataDir, { command: 'npm start' })).toBe(url);
    } finally {
      await lock.release();
      rmSync(dataDir, { recursive: true });
    }
  });

  it('outlives one who asks and is gone before the answer', async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'holdfast-lock-'));
    const lock = await lockData(dataDir, { command: 'npm start' });
    try {
      const ask = `import { holderOf } from './scripts/launch/lock.mjs';
        void holderOf(${JSON.stringify(dataDir)});
        setTimeout(() => process.exit(), 50);`;
      spawnSync(process.execPath, ['--input-type=module', '-e', ask], { cwd: root }); // we answer when it has returned
      expect(await holderOf(dataDir)).toEqual({ pid: process.pid, command: 'npm start' });
    } finally {
      await lock.release();
      rmSync(dataDir, { recursive: true });
    }
  });
});
