import type { QueryResultRow } from 'pg';
import type { Database } from './database.js';
import { wasRefused } from './errors.js';

/** What a {@link SharedRead} looks up, and where. */
export interface SharedReadOptions<Row> {
  database: Database;
  /** Finds rows by `$1`, an array of keys. */
  text: string;
  keyOf: (row: Row) => string;
  /** Statements under way at the same time; default 2. */
  lanes?: number;
}

interface Asked<Row> {
  keys: readonly string[];
  found: (rows: ReadonlyMap<string, Row>) => void;
  failed: (error: unknown) => void;
}

/** Keys in one statement at most. */
const LARGEST = 1_000;

/**
 * Look-ups by key that share their round trips: those asked for while a statement is under way travel together in the next
 * one. Each statement is sent after all of its questions were asked, so an answer is as fresh as one of its own would be.
 * Questions that PostgreSQL refuses together are asked again one by one: a bad one never fails its neighbours.
 *
 * @example
 * const limits = new SharedRead<Limit>({ database, text: 'select * from credit where account = any($1::text[])', keyOf: (row) => row.account });
 * const found = await limits.find(['a-1', 'a-2']);
 */
export class SharedRead<Row extends QueryResultRow> {
  private waiting: Asked<Row>[] = [];
  private underWay = 0;
  private scheduled = false;

  constructor(private readonly options: SharedReadOptions<Row>) {}

  /** The rows by key; there may be rows of other keys among them. They are shared: do not change them. */
  find(keys: readonly string[]): Promise<ReadonlyMap<string, Row>> {
    return new Promise((found, failed) => {
      this.waiting.push({ keys, found, failed });
      if (this.scheduled) return;
      this.scheduled = true;
      setImmediate(() => {
        this.scheduled = false;
        this.flush();
      });
    });
  }

  private flush(): void {
    while (this.underWay < (this.options.lanes ?? 2) && this.waiting.length > 0) {
      this.underWay += 1;
      void this.ask(this.takeSome()).finally(() => {
        this.underWay -= 1;
        this.flush();
      });
    }
  }

  private takeSome(): Asked<Row>[] {
    let keys = 0;
    const fitting = this.waiting.findIndex((asked) => (keys += asked.keys.length) > LARGEST);
    return this.waiting.splice(0, fitting === -1 ? this.waiting.length : Math.max(1, fitting));
  }

  private async ask(together: readonly Asked<Row>[]): Promise<void> {
    try {
      const keys = [...new Set(together.flatMap((asked) => asked.keys))];
      const rows = await this.options.database.read<Row>(this.options.text, [keys]);
      const byKey = new Map(rows.map((row) => [this.options.keyOf(row), row]));
      for (const { found } of together) found(byKey);
    } catch (error) {
      if (together.length > 1 && wasRefused(error)) for (const one of together) await this.ask([one]);
      else for (const { failed } of together) failed(error);
    }
  }
}
