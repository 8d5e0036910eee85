import type { EventStore, LogPage, LogPlace } from './event-store.js';
import type { FactOf, Stream } from './stream.js';

/** What a {@link LogReader} reads. */
export interface LogReaderOptions<S extends Stream> {
  events: EventStore;
  stream: S;
  /** Events per page, default 2,000. */
  pageSize?: number;
}

/**
 * Reads a log page by page, the next one already under way while the reader is busy with this one: PostgreSQL and the
 * process work at the same time. At most one page is kept ahead.
 *
 * @example
 * const reader = new LogReader({ events, stream: accountStream });
 * for (let page = await reader.next(LOG_START); page.events.length > 0; page = await reader.next(page.events.at(-1)!)) fold(page);
 */
export class LogReader<S extends Stream> {
  readonly pageSize: number;
  private ahead?: { after: LogPlace; page: Promise<LogPage<FactOf<S>>> };

  constructor(private readonly options: LogReaderOptions<S>) {
    this.pageSize = options.pageSize ?? 2_000;
  }

  /** What follows a place, as of now; fewer events than a page has room for when that is all. */
  async next(after: LogPlace): Promise<LogPage<FactOf<S>>> {
    const page = (await this.readAhead(after)) ?? (await this.read(after));
    const last = page.events.at(-1);
    if (last && this.isFull(page)) {
      this.ahead = { after: last, page: this.read(last) };
      this.ahead.page.catch(() => undefined); // told to who asks for it, if anybody does
    }
    return page;
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    const under = this.ahead?.page;
    this.ahead = undefined;
    await under?.catch(() => undefined);
  }

  /** A page that was read ahead, if it is the one: a full page stays as it is, a shorter one may have become longer. */
  private async readAhead(after: LogPlace): Promise<LogPage<FactOf<S>> | undefined> {
    const ahead = this.ahead;
    this.ahead = undefined;
    if (!ahead || ahead.after.xid !== after.xid || ahead.after.position !== after.position) return undefined;
    const page = await ahead.page;
    return this.isFull(page) ? page : undefined;
  }

  private isFull({ events }: LogPage<FactOf<S>>): boolean {
    return events.length === this.pageSize;
  }

  private read(after: LogPlace): Promise<LogPage<FactOf<S>>> {
    const { events, stream } = this.options;
    return events.readLog(stream, { after: { xid: after.xid, position: after.position }, limit: this.pageSize });
  }
}
