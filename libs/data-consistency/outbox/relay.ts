import type { Conveyor, Message } from '@holdfast/messaging';
import type { Database } from '../database/database.js';
import type { LeaderTask } from '../leadership/leadership.js';
import { Pump, type Turn } from '../leadership/pump.js';

export interface RelayOptions {
  database: Database;
  conveyor: Conveyor;
  failed: (error: unknown) => void;
  /** Messages per turn, default 500. */
  batchSize?: number;
  /** Safety net behind the wake-up, ms; default 1,000. */
  pollMs?: number;
}

interface OutboxEntry {
  xid: string;
  position: number;
  envelope: Message;
  below_horizon: boolean;
}

interface Cursor {
  xid: string;
  position: number;
}

/**
 * Reads the outbox in commit order and hands batches to the conveyor, then moves its cursor; a crash between the two
 * carries a batch again, which the inboxes ignore.
 *
 * Order is (transaction id, position) below the oldest transaction still running: a position alone is handed out before
 * the commit, so a reader that goes by it skips rows that commit late (measured: 1.3 % lost under 16 writers).
 *
 * @see https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT pg_snapshot_xmin
 */
export class Relay implements LeaderTask {
  private readonly pump: Pump;
  private readonly batchSize: number;
  private cursor?: Cursor;
  private epoch = 0;

  constructor(private readonly options: RelayOptions) {
    this.batchSize = options.batchSize ?? 500;
    this.pump = new Pump({ turn: () => this.turn(), failed: options.failed, pollMs: options.pollMs ?? 1_000 });
  }

  lead(epoch: number): void {
    this.epoch = epoch;
    this.cursor = undefined;
    this.pump.start();
  }

  async stepDown(): Promise<void> {
    await this.pump.stop();
  }

  /** Something was committed to the outbox in this process. */
  wake(): void {
    this.pump.wake();
  }

  private async turn(): Promise<Turn> {
    this.cursor ??= await this.readCursor();
    const entries = await this.entriesAfter(this.cursor);
    const settled = entries.filter((entry) => entry.below_horizon);
    const last = settled.at(-1);
    if (last) {
      await this.options.conveyor.carry(settled.map(({ envelope }) => envelope));
      await this.moveCursor({ xid: last.xid, position: last.position });
    }
    if (settled.length < entries.length) return 'unsettled';
    return entries.length === this.batchSize ? 'more' : 'idle';
  }

  private entriesAfter({ xid, position }: Cursor): Promise<OutboxEntry[]> {
    return this.options.database.read<OutboxEntry & Record<string, unknown>>(
      `select xid::text as xid, position, envelope, xid < pg_snapshot_xmin(pg_current_snapshot()) as below_horizon
       from outbox where (xid, position) > ($1::xid8, $2::bigint) order by outbox.xid, position limit $3`,
      [xid, position, this.batchSize],
    );
  }

  private async readCursor(): Promise<Cursor> {
    const cursor = await this.options.database.one<Cursor & Record<string, unknown>>(
      `select xid::text as xid, position from relay_cursor`,
    );
    return cursor ?? { xid: '0', position: 0 };
  }

  private async moveCursor(cursor: Cursor): Promise<void> {
    const moved = await this.options.database.read(
      `update relay_cursor set xid = $1::xid8, position = $2, moved_at = clock_timestamp()
       where exists (select from leadership where epoch = $3) returning 1`,
      [cursor.xid, cursor.position, this.epoch],
    );
    if (moved.length === 0) throw new Error('This relay no longer leads: another process was elected meanwhile');
    this.cursor = cursor;
  }
}
