import type { StoredEvent } from '../event-store/event-store.js';
import type { FactOf, Stream } from '../event-store/stream.js';

/** A row of a read model, by column name. */
export type ReadModelRow = Record<string, unknown>;

/** A read model as a fold: the row of a key follows from the events of one stream. */
export interface Projection<S extends Stream = Stream, Row extends ReadModelRow = ReadModelRow> {
  readonly name: string;
  readonly stream: S;
  readonly table: string;
  readonly key: string;
  readonly columns: Readonly<Record<string, string>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- any projection whatever its rows and facts
  readonly apply: (row: any, event: any) => Row | undefined;
}

interface ProjectionDeclaration<S extends Stream, Row extends ReadModelRow> {
  stream: S;
  /** Its table: the columns below and `generation int`, primary key (generation, key). */
  table: string;
  /** The column that holds the stream id. */
  key: keyof Row & string;
  /** Column → PostgreSQL type, the key's among them. */
  columns: { [Column in keyof Row & string]: string };
  /** The row after one more event: pure; `undefined` before the first. */
  apply: (row: Row | undefined, event: StoredEvent<FactOf<S>>) => Row | undefined;
}

/**
 * Declares a read model kept up to date from the event log, asynchronously and in order. It can be rebuilt from the start
 * beside live traffic at any time, since its rows follow from the events alone.
 *
 * @param name Stable: it names the checkpoint.
 * @example
 * export const balances = defineProjection('balances', {
 *   stream: accountStream, table: 'balance', key: 'account_id',
 *   columns: { account_id: 'uuid', amount: 'bigint' },
 *   apply: (row, { streamId, fact }) => fact.type === 'opened' ? { account_id: streamId, amount: 0 } : row,
 * });
 */
export function defineProjection<S extends Stream, Row extends ReadModelRow>(
  name: string,
  declaration: ProjectionDeclaration<S, Row>,
): Projection<S, Row> {
  return Object.freeze({ name, ...declaration });
}
