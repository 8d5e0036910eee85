import { ConfigurationError, loadConfig } from '@holdfast/configuration';
import { isUnavailable } from '@holdfast/data-consistency';
import { databaseConfig, migrate, type MigrationPlan } from '@holdfast/database';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const MIGRATIONS = join(import.meta.dirname, '../../migrations');

/** Migrates the contexts named, or all that are on disk, in the database `DATABASE_URL` names. Ends the process on a fault. */
export async function runMigrations(names: readonly string[]): Promise<void> {
  process.title = 'holdfast migrate';
  const adminUrl = givenUrl();
  if (!adminUrl) return fail('Set DATABASE_URL to a PostgreSQL role that may create roles and schemas.');
  const contexts = names.length > 0 ? names : contextsOnDisk();
  const unknown = contexts.filter((context) => !contextsOnDisk().includes(context));
  if (unknown.length > 0)
    return fail(`No migrations for ${unknown.join(', ')}; there are ${contextsOnDisk().join(', ')}.`);
  try {
    const plans = await Promise.all(contexts.map(planOf));
    await migrate({ adminUrl, plans, report: (line) => process.stdout.write(`  ${line}\n`) });
  } catch (error) {
    const { message } = error as Error;
    fail(
      isUnavailable(error) ? `PostgreSQL cannot be reached: ${message}. Start it, or correct DATABASE_URL.` : message,
    );
  }
  process.disconnect?.();
}

/** From `DATABASE_URL`, or the file that `DATABASE_URL_FILE` names. */
function givenUrl(): string | undefined {
  try {
    return loadConfig([databaseConfig], process.env).get(databaseConfig).url;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    fail(error.message);
    return process.exit(1);
  }
}

function contextsOnDisk(): string[] {
  return readdirSync(MIGRATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

async function planOf(context: string): Promise<MigrationPlan> {
  const folder = join(MIGRATIONS, context);
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((file) => /^\d.*\.js$/.test(file))
        .sort()
    : [];
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(folder, file)).href) as Promise<object>),
  );
  return {
    context,
    migrations: modules.flatMap((module) => Object.values(module) as MigrationPlan['migrations'][number][]),
  };
}

function fail(message: string): void {
  process.stderr.write(`\nMigrating failed. ${message}\n\n`);
  process.exitCode = 1;
  process.disconnect?.();
}
