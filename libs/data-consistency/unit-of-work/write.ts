/** How many rows a write must touch: `each` row it was given, or `any` number. */
export type Affects = 'each' | 'any';

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

/**
 * Declares a write. Its SQL is one INSERT, UPDATE, DELETE or MERGE that takes its input from `rows`, a recordset with the
 * columns named here, and has no RETURNING. All writes of a unit of work are committed as one prepared statement.
 *
 * @param name `<context>.<what it does>`; it appears in errors and traces.
 * @param columns Column name → PostgreSQL type of the recordset (`json` and arrays are fine; dates as `timestamptz`).
 * @throws Error when the SQL does not read from `rows` or has a RETURNING of its own.
 * @example
 * export const saveStock = defineWrite<{ sku: string; on_hand: number }>('inventory.save-stock',
 *   { sku: 'text', on_hand: 'bigint' },
 *   `insert into stock (sku, on_hand) select sku, on_hand from rows
 *    on conflict (sku) do update set on_hand = excluded.on_hand`);
 * tx.write(saveStock, { sku: 'TEA-001', on_hand: 1000 });
 */
export function defineWrite<Row extends object>(
  name: string,
  columns: { [Column in keyof Row & string]: string },
  sql: string,
  { affects = 'each', missed }: WriteOptions = {},
): Write<Row> {
  if (!/\brows\b/.test(sql)) throw new Error(`Write ${name} does not read from "rows"`);
  if (/\breturning\b/i.test(sql)) throw new Error(`Write ${name} must not have a RETURNING: the unit of work adds its own`);
  return Object.freeze({ name, columns, sql: sql.trim(), affects, missed });
}
