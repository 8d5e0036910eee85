import type { Database } from '../database/database.js';
import { demandedOf } from './consistency.js';
import type { Projection } from './projection.js';

/** A read model did not reach the write that the reader has already seen, in time. Old data is not given out instead. */
export class StaleRead extends Error {
  override readonly name = 'StaleRead';

  constructor(projection: string) {
    super(`${projection} has not caught up with the write this request refers to`);
  }
}

export interface ReadModelsOptions {
  context: string;
  database: Database;
  /** Milliseconds a read with a token waits before it fails; default 2,000. */
  demandedWaitMs?: number;
  /** Milliseconds a read without a token waits for this process's own writes before it is answered as it is; default 250. */
  courtesyWaitMs?: number;
}

const LONGEST_NAP_MS = 20;

/**
 * Whether the first event after the checkpoint, if any, comes after the write. Asked in this way it is one step down an
 * index, however long the log: `not exists` lets the planner, who knows neither place, read the whole of it.
 */
const SEEN = `
  select coalesce((
    select e.xid > $3::xid8 from event e
    where e.stream_type = $2
      and (e.xid, e.position) > (coalesce((select xid from projection_generation where name = $1 and live), '0'),
                                 coalesce((select position from projection_generation where name = $1 and live), 0))
    order by e.xid, e.position limit 1), true) as seen`;

/**
 * Read-your-writes for asynchronous read models.
 *
 * @example await readModels.caughtUp(balances); // then: select … where generation = road_live('balances')
 */
export class ReadModels {
  private newestWrite?: string;
  private readonly seen = new Map<string, string>();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly options: ReadModelsOptions) {}

  /**
   * Resolves when the read model has seen what the reader may expect: the write its token names, else, as a courtesy and for
   * a short while only, what this process wrote.
   *
   * @throws StaleRead when the write named by the token does not arrive in time; answer 503 with Retry-After
   */
  async caughtUp(projection: Projection): Promise<void> {
    const { context, demandedWaitMs = 2_000, courtesyWaitMs = 250 } = this.options;
    const demanded = demandedOf(context);
    const target = demanded ?? this.newestWrite;
    if (target === undefined || (demanded === undefined && this.seen.get(projection.name) === target)) return;
    const deadline = performance.now() + (demanded === undefined ? courtesyWaitMs : demandedWaitMs);
    while (!(await this.hasSeen(projection, target))) {
      if (performance.now() >= deadline) {
        if (demanded === undefined) return;
        throw new StaleRead(projection.name);
      }
      await this.nap();
    }
    if (target === this.newestWrite) this.seen.set(projection.name, target);
  }

  /** A write was committed in this process; one of two at the same time may be told about after a newer one. */
  wrote(xid: string): void {
    if (this.newestWrite === undefined || BigInt(xid) > BigInt(this.newestWrite)) this.newestWrite = xid;
  }

  /** A projection moved in this process. */
  moved(): void {
    for (const wake of this.waiting) wake();
  }

  private async hasSeen(projection: Projection, xid: string): Promise<boolean> {
    const row = await this.options.database.one<{ seen: boolean }>(SEEN, [
      projection.name,
      projection.stream.name,
      xid,
    ]);
    return row?.seen ?? false;
  }

  private nap(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, LONGEST_NAP_MS);
      this.waiting.add(wake);
    });
  }
}
