import { Database, bigintAsNumber } from '@holdfast/data-consistency';
import { roleUrl } from '@holdfast/database';
import pg from 'pg';

/** Connections of one command, closed together at its end. Statements may take as long as the log is. */
export class Connections implements AsyncDisposable {
  private readonly pools: pg.Pool[] = [];

  constructor(private readonly adminUrl: string) {}

  administrator(): Database {
    return this.open(this.adminUrl, '');
  }

  /** In its own schema, as the context itself. */
  context(name: string): Database {
    return this.open(roleUrl(this.adminUrl, name), '-c statement_timeout=0');
  }

  /** The administrator's connection, with the rights of a lesser role and one schema to see. */
  as(role: string, schema: string): Database {
    return this.open(this.adminUrl, `-c role=${role} -c search_path=${schema}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.end()));
  }

  private open(connectionString: string, options: string): Database {
    const pool = new pg.Pool({
      connectionString,
      options,
      types: bigintAsNumber,
      max: 4,
      application_name: 'holdfast replay',
    });
    pool.on('error', () => undefined); // the next statement says it
    this.pools.push(pool);
    return new Database(pool);
  }
}
