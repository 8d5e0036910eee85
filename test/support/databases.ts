import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { buildId } from '../../scripts/build.mjs';

/** The superuser's address on the PostgreSQL of this test run. */
export function adminUrl(database?: string): string {
  const given = process.env.TEST_ADMIN_DATABASE_URL;
  if (!given) throw new Error('TEST_ADMIN_DATABASE_URL is not set: run these tests through jest and its globalSetup.');
  const url = new URL(given);
  if (database) url.pathname = `/${database}`;
  return url.href;
}

export function connectTo(url: string, max = 4): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  pool.on('error', () => undefined); // tests end connections on purpose
  return pool;
}

async function asAdmin<R>(work: (client: pg.Client) => Promise<R>): Promise<R> {
  const client = new pg.Client({ connectionString: adminUrl() });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const LOCK = 74_656_113;

/**
 * A database as a shop leaves it after its first start, copied in a fraction of a second.
 *
 * @param prepare migrates and seeds the database at this address; called once per run, whoever comes first
 */
export async function copyOfTemplate(prepare: (url: string) => Promise<void>): Promise<string> {
  const template = `holdfast_template_${buildId().slice(0, 16)}`; // no run meets the schema of another build
  const name = `shop_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  await asAdmin(async (admin) => {
    await admin.query('select pg_advisory_lock($1)', [LOCK]); // ends with the connection
    const { rows } = await admin.query('select datistemplate from pg_database where datname = $1', [template]);
    if (!rows[0]?.datistemplate) {
      await admin.query(`drop database if exists ${template} with (force)`);
      await admin.query(`create database ${template}`);
      await prepare(adminUrl(template));
      await admin.query(`alter database ${template} is_template true allow_connections false`);
    }
    await admin.query(`create database ${name} template ${template} strategy file_copy`);
    await copySettings(admin, template, name);
  });
  return name;
}

/** What roles are told per database (search path, time limits) is not copied with it. */
async function copySettings(admin: pg.Client, from: string, to: string): Promise<void> {
  const { rows } = await admin.query<{ role: string; setting: string }>(
    `select s.setrole::regrole::text as role, unnest(s.setconfig) as setting
     from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = $1`,
    [from],
  );
  for (const { role, setting } of rows) {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(setting)!;
    await admin.query(`alter role ${role} in database ${to} set ${name} to ${pg.escapeLiteral(value!)}`);
  }
}

export async function emptyDatabase(): Promise<string> {
  const name = `shop_${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  await asAdmin((admin) => admin.query(`create database ${name}`));
  return name;
}

export async function dropDatabase(name: string): Promise<void> {
  await asAdmin((admin) => admin.query(`drop database if exists ${name} with (force)`));
}
