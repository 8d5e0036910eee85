import pg from 'pg';

const INT8 = 20;

function toNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} does not fit a JSON number`);
  return number;
}

/**
 * How a pool reads what PostgreSQL answers: every `bigint` as a number, all else as pg reads it. The positions of this library are
 * numbers; a value of 2^53 and more is an error of the statement, and never another number (pg alone gives texts).
 *
 * @example const pool = new pg.Pool({ connectionString, types: bigintAsNumber });
 */
export const bigintAsNumber: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? toNumber : (pg.types.getTypeParser(oid, format as 'text') as (text: string) => unknown),
};
