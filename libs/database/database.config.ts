import { defineConfig, secret, setting, type LoadedConfig } from '@holdfast/configuration';
import { z } from 'zod';
import { roleUrl } from './role-url.js';

/** How contexts reach PostgreSQL when they are not given a URL of their own. */
export const databaseConfig = defineConfig('database', {
  url: secret("an administrator's URL; each context logs in as its own role", { optional: true, minLength: 10 }),
  poolSize: setting(z.coerce.number().int().min(3).max(100).default(8), 'connections per context at most'),
});

const perContext = new Map<string, ReturnType<typeof define>>();

function define(context: string) {
  return defineConfig(`${context}-database`, {
    url: secret(`the URL of the role ${context}_app`, { optional: true, minLength: 10 }),
  });
}

/** `ORDERS_DATABASE_URL`: the URL of one context's app role; with it the context needs no `DATABASE_URL`. */
export function contextDatabaseConfig(context: string): ReturnType<typeof define> {
  const known = perContext.get(context) ?? define(context);
  perContext.set(context, known);
  return known;
}

export interface DatabaseSettings {
  url: string;
  /** Connections at most. */
  poolSize: number;
}

export class NoDatabase extends Error {
  override readonly name = 'NoDatabase';
}

/**
 * Where a context's database is.
 *
 * @throws NoDatabase when neither URL is set
 */
export function databaseSettings(config: LoadedConfig, context: string): DatabaseSettings {
  const { url: adminUrl, poolSize } = config.get(databaseConfig);
  const url = config.get(contextDatabaseConfig(context)).url ?? (adminUrl && roleUrl(adminUrl, context));
  if (!url) {
    const variable = `${context.replaceAll('-', '_').toUpperCase()}_DATABASE_URL`;
    throw new NoDatabase(`${context} has no database: set ${variable}, or DATABASE_URL for all contexts`);
  }
  return { url, poolSize };
}
