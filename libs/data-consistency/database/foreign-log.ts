/**
 * A place in the log that lies in the future: the rows were brought here from another cluster, whose transaction ids had gone
 * further. What is written here sorts before that place, so it would never be carried, nor projected.
 */
export class ForeignLog extends Error {
  override readonly name = 'ForeignLog';

  constructor(whose: string) {
    super(
      `${whose} stands at a transaction that this PostgreSQL has not come to: the data were brought from another one by a dump ` +
        `or by logical replication. Nothing goes on before its transaction ids are raised above theirs (pg_resetwal --epoch): ` +
        `see "Backups" in libs/data-consistency/README.md`,
    );
  }
}

/** SQL: whether a transaction id lies in the future. One of this cluster that can be read never does. */
export const liesAhead = (xid: string): string => `${xid} >= pg_snapshot_xmax(pg_current_snapshot())`;
