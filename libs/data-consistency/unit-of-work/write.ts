/** How many rows a write must touch: `each` row it was given, or `any` number. */
export type Affects = 'each' | 'any';

/** What a write expects of its rows. */
export interface WriteOptions {
  /** Default `each`: when fewer rows are affected than were given, the whole unit of work fails and nothing is written. */
  affects?: Affects;
  /** The error to throw in that case. Default: ConcurrencyError naming the write. */
  missed?: () => Error;
}

/** A set-based write, declared once: it takes any number of rows, so that many writes become one statement. */
export interface Write<Row extends object = object> {
  readonly name: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly sql: string;
  readonly affects: Affects;
  readonly missed?: () => Error;
  /** Carries the row type only. */
  readonly row?: Row;
}

const WRITE_NAME = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$/;
const COLUMN_NAME = /^[a-z_][a-z0-9_]*$/;

/**
 * Declares a write. Its SQL is one INSERT, UPDATE, DELETE or MERGE that takes its input from `rows`, a recordset with the
 * columns named here, and has no RETURNING. All writes of a unit of work are committed as one prepared statement.
 *
 * @param name `<context>.<what it does>`; it appears in errors and traces.
 *   The word `rows` is replaced wherever it stands in the SQL, so name no column or alias `rows`.
 * @param columns Column name → PostgreSQL type of the recordset (`json` and arrays are fine; dates as `timestamptz`).
 * @throws Error when name or columns are not plain, or the SQL does not read from `rows` or has a RETURNING of its own.
 * @example
 * export const saveBalance = defineWrite<{ account: string; balance: number }>('accounts.save-balance',
 *   { account: 'text', balance: 'bigint' },
 *   `insert into balance (account, balance) select account, balance from rows
 *    on conflict (account) do update set balance = excluded.balance`);
 * tx.write(saveBalance, { account: 'a-1', balance: 1000 });
 */
export function defineWrite<Row extends object>(
  name: string,
  columns: { [Column in keyof Row & string]: string },
  sql: string,
  { affects = 'each', missed }: WriteOptions = {},
): Write<Row> {
  if (!WRITE_NAME.test(name)) throw new Error(`Write name "${name}" is not of the form <context>.<what-it-does>`);
  const odd = Object.keys(columns).find((column) => !COLUMN_NAME.test(column));
  if (odd !== undefined) throw new Error(`Write ${name}: "${odd}" is not a plain column name`);
  if (!/\brows\b/.test(sql)) throw new Error(`Write ${name} does not read from "rows"`);
  if (/\breturning\b/i.test(sql))
    throw new Error(`Write ${name} must not have a RETURNING: the unit of work adds its own`);
  return Object.freeze({ name, columns, sql: sql.trim(), affects, missed });
}
