import { isStorable } from '@holdfast/messaging';
import type { Write } from './write.js';

/** Types whose values can stand in an array as they are written; how `json` and `jsonb` do is said below. */
const SCALARS = new Set('text uuid int integer bigint smallint boolean float8 timestamptz date'.split(' '));
const EXPANDED: Readonly<Record<string, string>> = { json: 'json_array_elements', jsonb: 'jsonb_array_elements' };

/** From how many rows of each write on arrays are cheaper; below that PostgreSQL would plan such a statement anew each time. */
const MANY_ROWS = 12;

/** Column → PostgreSQL type. */
type Columns = Write['columns'];

const forms = new WeakMap<Columns, boolean>();

function haveArrayForm(columns: Columns): boolean {
  let have = forms.get(columns);
  if (have === undefined) {
    have = Object.values(columns).every((type) => SCALARS.has(type) || type in EXPANDED);
    forms.set(columns, have);
  }
  return have;
}

/** What gives the columns of a write, out of one parameter per column from `$first` on. */
export function functionsOfArrays(columns: Columns, first: number): string {
  const functions = Object.values(columns).map((type, at) =>
    type in EXPANDED ? `${EXPANDED[type]}($${first + at}::${type})` : `unnest($${first + at}::${type}[])`,
  );
  return functions.join(', ');
}

/**
 * The parameters of {@link functionsOfArrays}: what arrives is what `json_to_recordset` would have made of the same rows.
 * Undefined when they are few, or when some value has no such form (a JSON null that must become an SQL NULL, an object in a
 * column of text, NUL or half a character): then the rows travel as JSON.
 */
export function arraysOf(columns: Columns, rows: readonly object[]): string[] | undefined {
  if (rows.length < MANY_ROWS || !haveArrayForm(columns)) return undefined;
  const arrays: string[] = [];
  for (const [name, type] of Object.entries(columns)) {
    const values = rows.map((row) => (row as Record<string, unknown>)[name]);
    const array = type in EXPANDED ? jsonArray(values) : scalarArray(values);
    if (array === undefined) return undefined;
    arrays.push(array);
  }
  return arrays;
}

/** What `json_to_recordset` would refuse, an array of JSON would let in: a text that no column of text can hold. */
function jsonArray(values: readonly unknown[]): string | undefined {
  if (values.some((value) => value === null || value === undefined)) return undefined;
  const text = JSON.stringify(values);
  return isStorable(text) ? text : undefined;
}

function scalarArray(values: readonly unknown[]): string | undefined {
  let array = '';
  for (const value of values) {
    const element = elementOf(value);
    if (element === undefined) return undefined;
    array += array === '' ? element : `,${element}`;
  }
  return `{${array}}`;
}

/** Nothing in it has a meaning of its own in an array, and it is not empty or the word NULL. */
const PLAIN = /^(?!null$)[\w.:/+-]+$/i;

function elementOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') {
    if (PLAIN.test(value)) return value;
    return value.isWellFormed() ? `"${value.replace(/[\\"]/g, '\\$&')}"` : undefined;
  }
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'NULL'; // as in JSON
  if (typeof value === 'boolean') return String(value);
  if (!(value instanceof Date)) return undefined;
  return Number.isNaN(value.getTime()) ? 'NULL' : `"${value.toISOString()}"`;
}
