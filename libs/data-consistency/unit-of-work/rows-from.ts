const MOST_ROWS = 2 ** 31 - 1;

/**
 * A condition that every row fulfils, and of which PostgreSQL thinks that one row does: it then joins the relation with a
 * table row by row, by the table's index. Without it a hundred rows are expected of a function, and some of a recursion; they
 * would be looked for in the whole of a small table, and that plan is kept when the table has become large (ADR 20).
 *
 * @param number A number counted from 1 on, of which PostgreSQL knows nothing: not a column of a table.
 * @see https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/utils/selfuncs.h DEFAULT_RANGE_INEQ_SEL, 0.005
 */
export const expectedOnce = (number: string): string => `${number} between 1 and ${MOST_ROWS}`;

/**
 * A query of what set-returning functions give side by side, to be joined with a table by its index.
 *
 * @param functions As in `rows from (…)`: with a list of columns and types where the function needs one.
 * @param columns The names of what they give, in order.
 * @example `update inbox … from (${rowsFrom('unnest($1::uuid[]), unnest($2::text[])', ['id', 'handler'])}) held`
 * @see https://www.postgresql.org/docs/current/queries-table-expressions.html#QUERIES-TABLEFUNCTIONS
 */
export function rowsFrom(functions: string, columns: readonly string[]): string {
  const names = columns.join(', ');
  return `select ${names} from rows from (${functions}) with ordinality as r(${names}, "number of row")
  where ${expectedOnce('"number of row"')}`;
}
