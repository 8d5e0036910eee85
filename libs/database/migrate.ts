import { roadMigrations } from '@holdfast/data-consistency';
import { Client } from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { roleName, rolePassword, schemaName } from './role-url.js';

type MigrationClass = new () => MigrationInterface;

export interface MigrationPlan {
  context: string;
  /** The context's own migrations; the road's come first. */
  migrations: readonly MigrationClass[];
}

export interface MigrateOptions {
  /** A role that may create roles and schemas. */
  adminUrl: string;
  plans: readonly MigrationPlan[];
  /** Told about each step, for people. */
  report?: (line: string) => void;
}

/** Any number; the same for everybody who migrates this database. */
const LOCK = 4_815_162_342;

/**
 * Brings every named context to its newest schema: roles, schema, grants, then migrations as the schema's owner. Several
 * processes may call it at once: one works, the others wait and find nothing to do.
 */
export async function migrate({ adminUrl, plans, report = () => undefined }: MigrateOptions): Promise<void> {
  const admin = new Client({ connectionString: adminUrl, application_name: 'holdfast migrate' });
  await admin.connect();
  try {
    await admin.query('select pg_advisory_lock($1)', [LOCK]);
    for (const plan of plans) {
      await prepareSchema(admin, plan.context, adminUrl);
      const done = await runMigrations(adminUrl, plan);
      report(`${plan.context}: ${inWords(done)}`);
    }
  } finally {
    await admin.end();
  }
}

/** An update's migrations are worth their names; the first start has a dozen in every context. */
function inWords(done: readonly string[]): string {
  if (done.length === 0) return 'up to date';
  return done.length <= 3 ? done.join(', ') : `${done.length} migrations, the last ${done.at(-1)}`;
}

async function prepareSchema(admin: Client, context: string, adminUrl: string): Promise<void> {
  const schema = schemaName(context);
  const owner = roleName(context, 'owner');
  const app = roleName(context, 'app');
  const password = rolePassword(adminUrl, app);
  await createRole(admin, owner, 'nologin');
  await createRole(admin, app, 'login');
  await setPassword(admin, app, password);
  const database = (await admin.query<{ name: string }>('select quote_ident(current_database()) as name')).rows[0]!
    .name;
  await admin.query(`grant ${owner} to current_user`);
  await admin.query(`create schema if not exists ${schema} authorization ${owner}`);
  await admin.query(`revoke all on schema public from public`);
  await admin.query(`revoke all on schema ${schema} from public`);
  await admin.query(`grant connect on database ${database} to ${app}`);
  await admin.query(`grant usage on schema ${schema} to ${app}`);
  await admin.query(
    `alter default privileges for role ${owner} in schema ${schema} grant select, insert, update, delete on tables to ${app}`,
  );
  await admin.query(
    `alter default privileges for role ${owner} in schema ${schema} grant usage on sequences to ${app}`,
  );
  await admin.query(`alter default privileges for role ${owner} revoke execute on functions from public`);
  await admin.query(
    `alter default privileges for role ${owner} in schema ${schema} grant execute on functions to ${app}`,
  );
  for (const setting of [
    `search_path to ${schema}`,
    `statement_timeout to '5s'`,
    `lock_timeout to '500ms'`,
    `idle_in_transaction_session_timeout to '5s'`,
    // A client that is gone without a word gives its locks back within half a minute, not after two hours.
    `tcp_keepalives_idle to 10`,
    `tcp_keepalives_interval to 5`,
    `tcp_keepalives_count to 3`,
    `client_connection_check_interval to '2s'`,
    // A prepared statement keeps its plan: one made while a table was small must not read all of it when it has grown (ADR 20).
    `enable_seqscan to off`,
    `jit to off`,
    // And it is made once per connection, not anew for each of the first five times and for ever where that looks cheaper.
    `plan_cache_mode to force_generic_plan`,
  ]) {
    await admin.query(`alter role ${app} in database ${database} set ${setting}`);
  }
}

/** Roles belong to the whole cluster: another database's migration may create the same one at this very moment. */
async function createRole(admin: Client, role: string, login: 'login' | 'nologin'): Promise<void> {
  await admin.query(`do $$ begin
    if not exists (select from pg_roles where rolname = '${role}') then create role ${role} ${login} noinherit; end if;
  exception when duplicate_object or unique_violation then null; end $$`);
}

const ATTEMPTS = 20;

async function setPassword(admin: Client, role: string, password: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await admin.query(`alter role ${role} password '${password}'`);
      return;
    } catch (error) {
      const concurrently = (error as { code?: string }).code === 'XX000';
      if (!concurrently || attempt === ATTEMPTS) throw error;
    }
  }
}

async function runMigrations(adminUrl: string, { context, migrations }: MigrationPlan): Promise<string[]> {
  const schema = schemaName(context);
  const source = new DataSource({
    type: 'postgres',
    url: adminUrl,
    schema,
    installExtensions: false,
    migrations: [...roadMigrations, ...migrations],
    migrationsTableName: 'migration',
    migrationsTransactionMode: 'each',
    poolSize: 1,
    applicationName: `holdfast migrate ${context}`,
    extra: { options: `-c role=${roleName(context, 'owner')} -c search_path=${schema}` },
  });
  await source.initialize();
  try {
    const done = await source.runMigrations();
    return done.map(({ name }) => name);
  } finally {
    await source.destroy();
  }
}
