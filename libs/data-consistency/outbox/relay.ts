import type { Conveyor, LastCarried, Letter, Message, Place } from '@holdfast/messaging';
import { crashPoint } from '../crash-points/crash-point.js';
import { query, type Database, type Queryable } from '../database/database.js';
import { ForeignLog, liesAhead } from '../database/foreign-log.js';
import type { Followed } from '../database/sturdy-client.js';
import type { LeaderTask } from '../leadership/leadership.js';
import { Pump, type Turn } from '../leadership/pump.js';
import type { HorizonWatch } from './horizon.js';
import { NoLongerLeading } from './no-longer-leading.js';

export interface RelayOptions {
  /** Whose outbox this is. */
  context: string;
  database: Database;
  conveyor: Conveyor;
  failed: (error: unknown) => void;
  /** Told whether messages wait for somebody's open transaction. */
  horizon?: HorizonWatch;
  /** Messages per turn at most, default 1,000; fewer where they are large. */
  batchSize?: number;
  /** Safety net behind the wake-up, ms; default 1,000. */
  pollMs?: number;
}

interface OutboxEntry {
  xid: string;
  position: number;
  message_id: string;
  type: string;
  envelope: string;
  below_horizon: boolean;
}

type OutboxRow = OutboxEntry & Record<string, unknown>;

const UNREAD = `select xid, position, message_id, type, envelope, below_horizon from road_letters($1::xid8, $2::bigint, $3, $4)`;

/** A page ends where its messages have this many bytes of JSON: it is in memory as a whole, and the page ahead of it as well. */
const PAGE_BYTES = 16 * 2 ** 20;

/** Of UTF-8, at most: who knows only how long the text is. */
const BYTES_PER_CHARACTER = 3;

type Cursor = Place;

interface Page {
  entries: readonly OutboxEntry[];
  /** Those that nothing can come before any more. */
  settled: readonly OutboxEntry[];
  /** All are settled, and as many as a page may hold, or as large as that, as far as can be told: more may follow. */
  full: boolean;
}

/** The page after the one that is being carried, or behind a commit, on its way. */
interface ReadAhead {
  after: Cursor;
  page: Promise<Page>;
  /** The transactions that were committed since it was asked for, as far as they said so. */
  told: Set<string | undefined>;
}

/** A page that is not full is as good as a new one when it shows what everybody says is there. */
function hasAll({ entries }: Page, told: ReadonlySet<string | undefined>): boolean {
  return told.size > 0 && [...told].every((xid) => entries.some((entry) => entry.xid === xid));
}

const START: Cursor = { xid: '0', position: 0 };

/**
 * Reads the outbox in commit order and hands batches to the conveyor, then moves its cursor; a crash between the two
 * carries a batch again, which the inboxes ignore. A conveyor that keeps messages in between is asked what it last has,
 * at first and after every doubt, and gets whatever it has not: the outbox is the truth and outlives what a broker confirms.
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
  private doubted = false;
  private epoch = 0;
  /** Nothing is being carried: it may look behind a commit. */
  private resting = false;
  private ahead?: ReadAhead;
  /** The cursor on its way to where a page ended; told of at the latest by the first turn that finds nothing, or the step down. */
  private moving?: Promise<void>;

  constructor(private readonly options: RelayOptions) {
    this.batchSize = options.batchSize ?? 1_000;
    this.pump = new Pump({ turn: () => this.turn(), failed: options.failed, pollMs: options.pollMs ?? 1_000 });
  }

  lead(epoch: number): void {
    this.epoch = epoch;
    this.cursor = undefined;
    this.resting = false;
    this.pump.start();
  }

  async stepDown(): Promise<void> {
    await this.pump.stop();
    this.resting = false;
    await Promise.allSettled([this.moved().catch(this.options.failed), this.ahead?.page]);
    this.ahead = undefined;
  }

  /**
   * Something was committed to the outbox in this process.
   *
   * @param xid in which transaction
   */
  wake(xid?: string): void {
    this.ahead?.told.add(xid);
    this.pump.wake();
  }

  /**
   * A look at the outbox that may be sent right behind a commit, on its connection: what was committed is here a round trip
   * sooner. Undefined while that is of no use.
   */
  look(): Followed['behind'] {
    const { cursor } = this;
    if (!cursor || !this.resting || this.ahead || this.doubted) return undefined;
    return (client) => this.readAhead(cursor, client);
  }

  private async turn(): Promise<Turn> {
    this.resting = false;
    const turn = await this.carryOn();
    this.resting = turn === 'some' || turn === 'idle';
    return turn;
  }

  private async carryOn(): Promise<Turn> {
    if (this.doubted) this.cursor = undefined;
    this.doubted = false;
    if (!this.cursor) await this.moved().catch(this.options.failed);
    this.cursor ??= await this.resume();
    const { entries, settled, full } = await this.pageAfter(this.cursor);
    const last = settled.at(-1);
    if (entries.length > 0 && !last) this.options.horizon?.waits();
    else this.options.horizon?.moves();
    if (last) {
      const end = { xid: last.xid, position: last.position };
      if (full) this.readAhead(end);
      await this.carry(settled);
      await this.moved();
      this.move(this.cursor, end);
    } else if (entries.length === 0) await this.moved();
    if (settled.length < entries.length) return 'unsettled';
    if (full) return 'more';
    return entries.length > 0 ? 'some' : 'idle';
  }

  /** What follows, read ahead if it was and if nothing more can be there by now. */
  private async pageAfter(cursor: Cursor): Promise<Page> {
    const { ahead } = this;
    if (ahead?.after !== cursor) this.ahead = undefined;
    else {
      const page = await ahead.page.finally(() => (this.ahead = undefined)).catch(() => undefined);
      if (page && (page.full || hasAll(page, ahead.told))) return page;
    }
    return this.read(cursor);
  }

  /** PostgreSQL, this process and the broker work at the same time; at most one page is kept ahead. */
  private readAhead(after: Cursor, on?: Queryable): void {
    const page = this.read(after, on);
    page.catch(() => undefined); // then it is read again
    this.ahead = { after, page, told: new Set() };
  }

  /** Moves the cursor while the next page is read and carried: after a crash one page more is carried again, no more than that. */
  private move(from: Cursor, end: Cursor): void {
    this.cursor = end;
    this.moving = this.moveCursor(from, end);
    this.moving.catch(() => undefined); // told by moved()
  }

  /** @throws why the cursor could not be moved: then it is read again */
  private async moved(): Promise<void> {
    const { moving } = this;
    this.moving = undefined;
    try {
      await moving;
    } catch (error) {
      this.cursor = undefined;
      throw error;
    }
  }

  private async carry(entries: readonly OutboxEntry[]): Promise<void> {
    try {
      await crashPoint(
        'relay.carry',
        () => this.options.context,
        () => this.hand(entries),
      );
    } catch (error) {
      this.doubted = true;
      throw error;
    }
  }

  private hand(entries: readonly OutboxEntry[]): Promise<void> {
    const { context: source, conveyor } = this.options;
    if (conveyor.carryUnopened) {
      const letters = entries.map(({ message_id: id, type, envelope: json, xid, position }): Letter => {
        return { id, source, type, json, place: { xid, position } };
      });
      return conveyor.carryUnopened(letters);
    }
    const places = entries.map(({ xid, position }) => ({ xid, position }));
    const messages = entries.map(({ envelope }) => JSON.parse(envelope) as Message);
    return conveyor.carry(messages, places);
  }

  /** Where to begin: after what the conveyor last has, if it keeps anything, else after what was carried. */
  private async resume(): Promise<Cursor> {
    const cursor = await this.readCursor();
    const last = await this.options.conveyor.lastCarried(this.options.context, () => this.doubt());
    if (last === undefined) return cursor;
    await this.assertLeads(); // a relay that was overtaken stops here: whoever was elected has asked as well
    const begin = last === 'nothing' ? START : await this.after(last, cursor);
    if (begin.xid !== cursor.xid || begin.position !== cursor.position) await this.moveCursor(cursor, begin);
    return begin;
  }

  private async assertLeads(): Promise<void> {
    const led = await this.options.database.read('select 1 from leadership where epoch = $1', [this.epoch]);
    if (led.length === 0) throw new NoLongerLeading();
  }

  private doubt(): void {
    this.doubted = true;
    this.wake();
  }

  /** A message that this outbox does not know (it was too old, or a backup was restored) cannot vouch for the ones before it. */
  private async after({ place, messageId }: LastCarried, cursor: Cursor): Promise<Cursor> {
    const { database } = this.options;
    const known = await database.one<{ known: boolean; older: boolean }>(
      `select exists (select from outbox where xid = $1::xid8 and position = $2::bigint and message_id = $3) as known,
              ($1::xid8, $2::bigint) < ($4::xid8, $5::bigint) as older`,
      [place.xid, place.position, messageId, cursor.xid, cursor.position],
    );
    return known!.known || known!.older ? place : cursor;
  }

  private async read({ xid, position }: Cursor, on?: Queryable): Promise<Page> {
    const values = [xid, position, this.batchSize, PAGE_BYTES];
    const entries = await (on
      ? query<OutboxRow>(on, UNREAD, values)
      : this.options.database.read<OutboxRow>(UNREAD, values));
    const settled = entries.filter((entry) => entry.below_horizon);
    const bytes = entries.reduce((sum, { envelope }) => sum + envelope.length, 0) * BYTES_PER_CHARACTER;
    const isWhole = entries.length === this.batchSize || bytes >= PAGE_BYTES;
    return { entries, settled, full: isWhole && settled.length === entries.length };
  }

  /** The cursor of this kind of conveyor. Another kind may have carried what it never delivered, so it is carried again. */
  private async readCursor(): Promise<Cursor> {
    const { conveyor, database } = this.options;
    const cursor = await database.one<{ xid: string; position: number; ahead: boolean }>(
      `select xid::text as xid, position, ${liesAhead('xid')} as ahead from relay_cursor where via = $1`,
      [conveyor.name],
    );
    if (cursor?.ahead) throw new ForeignLog('The relay');
    if (cursor) return { xid: cursor.xid, position: cursor.position };
    const adopted = await database.read(
      `update relay_cursor set via = $1, xid = '0', position = 0, moved_at = clock_timestamp()
       where exists (select from leadership where epoch = $2) returning 1`,
      [conveyor.name, this.epoch],
    );
    if (adopted.length === 0) throw new NoLongerLeading();
    return START;
  }

  /**
   * Nobody waits for the disk: should PostgreSQL forget where the cursor was, some messages are carried again. It moves from where
   * it is taken to be, which is asked of the row itself: of the term, a statement that had to wait for that row sees only how it was.
   */
  private async moveCursor(from: Cursor, to: Cursor): Promise<void> {
    const moved = await this.options.database.read(
      `update relay_cursor set xid = $1::xid8, position = $2, moved_at = clock_timestamp()
       where exists (select from leadership where epoch = $3) and (xid, position) = ($4::xid8, $5)
         and set_config('synchronous_commit', 'off', true) = 'off'
       returning 1`,
      [to.xid, to.position, this.epoch, from.xid, from.position],
    );
    if (moved.length === 0) throw new NoLongerLeading();
  }
}
