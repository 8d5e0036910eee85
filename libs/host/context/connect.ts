import { SturdyClient, bigintAsNumber } from '@holdfast/data-consistency';
import { schemaName, type DatabaseSettings } from '@holdfast/database';
import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import type { Context } from './context.js';

export interface ConnectOptions extends DatabaseSettings {
  context: Context;
}

/**
 * Longer than any statement may take (the role's statement_timeout, 5 s): what is not answered by then is not answered,
 * because the link is dead. TCP alone would wait for a quarter of an hour.
 */
const DEAD_LINK_MS = 6_000;

/** A connection that was not made by then will not be. */
const CONNECTED_MS = 2_000;
/** A process that starts has much else to do, on a machine that may be busy, too: PostgreSQL's answer can lie here unread for seconds. */
const STARTING_MS = 15_000;

/**
 * Connects a context to its schema under its own role; TypeORM owns the pool, the write port uses it too. It is patient until
 * {@link hurry}.
 */
export async function connect({ context, url, poolSize }: ConnectOptions): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    url,
    schema: schemaName(context.name),
    entities: [...context.entities],
    installExtensions: false,
    poolSize,
    applicationName: `holdfast ${context.name}`,
    connectTimeoutMS: STARTING_MS,
    extra: {
      Client: SturdyClient,
      types: bigintAsNumber,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      idleTimeoutMillis: 60_000,
      query_timeout: DEAD_LINK_MS,
    },
  });
  await source.initialize();
  // Without a listener an idle connection that PostgreSQL ends would end this process.
  poolOf(source).on('error', (error) => new Logger('PostgreSQL').warn(`${context.name}: ${error.message}`));
  return source;
}

/** The process has started: from now on a connection is made soon or given up, and who asks is told. */
export function hurry(pool: Pool): void {
  pool.options.connectionTimeoutMillis = CONNECTED_MS;
}

/** The pg pool behind a DataSource. */
export function poolOf(source: DataSource): Pool {
  return (source.driver as unknown as { master: Pool }).master;
}
