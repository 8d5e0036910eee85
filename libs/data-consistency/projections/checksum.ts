import type { QueryResultRow } from 'pg';
import type { Database } from '../database/database.js';
import type { LogPlace } from '../event-store/event-store.js';
import type { Projection } from './projection.js';

/** What a generation's rows amount to, and the place in the log they stand for. */
export interface Checksum extends LogPlace {
  rows: number;
  /** 64 hexadecimal digits; the same for the same rows, whatever their order. */
  checksum: string;
}

interface ChecksumRow extends QueryResultRow, LogPlace {
  rows: number;
  bits: string;
}

/**
 * Adds up the rows of one generation: SHA-256 of each row as JSON, all XORed. XOR knows no order, and rows are different
 * by their key, so none cancels another. Two generations at the same place in the log must have the same checksum; where
 * they have not, the code has changed since the older one was written, or somebody else wrote to the table. Reads every
 * row, in one statement and so at one moment; moments in time are compared in UTC, whatever the session's zone.
 *
 * @returns undefined when there is no such generation
 * @example
 * const [live, rebuilt] = await Promise.all([1, 2].map((generation) => checksum(database, balances, generation)));
 */
export async function checksum(
  database: Database,
  projection: Projection,
  generation: number,
): Promise<Checksum | undefined> {
  const [row] = await database.read<ChecksumRow>(statementFor(projection), [projection.name, generation]);
  if (!row) return undefined;
  const { xid, position, rows, bits } = row;
  return { xid, position, rows, checksum: BigInt(`0b${bits}`).toString(16).padStart(64, '0') };
}

function statementFor({ table, columns }: Projection): string {
  const values = Object.entries(columns).map(([column, type]) =>
    type === 'timestamptz' ? `${column} at time zone 'utc'` : column,
  );
  return `
    select g.xid::text as xid, g.position, sums.rows, sums.bits
    from projection_generation g,
         (select count(*) as rows,
                 coalesce(bit_xor(('x' || encode(sha256(convert_to(jsonb_build_array(${values.join(', ')})::text, 'UTF8')), 'hex'))
                   ::bit(256)), 0::bit(256))::text as bits
          from ${table} where generation = $2) sums
    where g.name = $1 and g.generation = $2`;
}
