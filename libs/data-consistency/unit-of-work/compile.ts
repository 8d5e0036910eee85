import type { Write } from './write.js';

/** The writes of a unit of work: each declared write with the rows collected for it. */
export type Batches = ReadonlyMap<Write, readonly object[]>;

export interface CompiledStatement {
  text: string;
  values: string[];
}

const texts = new Map<string, string>();
const serials = new WeakMap<Write, number>();
let lastSerial = 0;

/** Two writes may have the same name in two contexts of one process; their statements must not be mixed up. */
function serialOf(write: Write): number {
  const serial = serials.get(write) ?? ++lastSerial;
  serials.set(write, serial);
  return serial;
}

/** By name, so that concurrent units take their locks in one order. */
function inOrder(batches: Batches): Write[] {
  return [...batches.keys()].sort((a, b) => (a.name === b.name ? serialOf(a) - serialOf(b) : a.name < b.name ? -1 : 1));
}

/** Which writes take part: units of one shape have one statement. */
export function shapeOf(batches: Batches): string {
  return inOrder(batches).map(serialOf).join();
}

/**
 * Turns all writes of a unit of work into one statement: a CTE per write, fed by one JSON parameter each, and a final
 * SELECT that raises `HF409` naming the first write that missed a row. One round trip, one commit, all or nothing.
 * The text depends only on which writes take part, so it is prepared once and used for any number of rows.
 */
export function compile(batches: Batches): CompiledStatement {
  const writes = inOrder(batches);
  const shape = shapeOf(batches);
  let text = texts.get(shape);
  if (text === undefined) {
    text = statementOf(writes);
    texts.set(shape, text);
  }
  return { text, values: writes.map((write) => JSON.stringify(batches.get(write))) };
}

function statementOf(writes: readonly Write[]): string {
  const ctes = writes.flatMap(({ columns, sql }, index) => {
    const types = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
    return [
      `r${index} as (select * from json_to_recordset($${index + 1}::json) as r(${types.join(', ')}))`,
      `w${index} as (${sql.replace(/\brows\b/g, `r${index}`)} returning 1)`,
    ];
  });
  const checks = writes.flatMap(({ name, affects }, index) =>
    affects === 'each'
      ? [
          `case when (select count(*) from w${index}) < (select count(*) from r${index}) then road_conflict('${name}') end`,
        ]
      : [],
  );
  return `with ${ctes.join(',\n')}\nselect ${['pg_current_xact_id()::text as xid', ...checks].join(',\n')}`;
}
