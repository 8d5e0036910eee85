import { currentCorrelation, currentTraceparent, withSpan, type SpanOptions } from '@holdfast/observability';
import { currentPrincipal } from '@holdfast/security';
import type { Circumstances } from '@holdfast/messaging';
import type { Database } from '../database/database.js';
import { ConcurrencyError, isRetryable } from '../database/errors.js';
import type { Idempotency } from '../idempotency/idempotency.js';
import { noteWrite } from '../projections/consistency.js';
import type { Followed } from '../database/sturdy-client.js';
import { appendDelayed, appendToOutbox } from '../outbox/outbox.js';
import { GroupCommit } from './group-commit.js';
import { PendingWork } from './pending-work.js';
import type { Transaction } from './transaction.js';

/** What a unit of work left behind, for those who carry it on. */
export interface Committed {
  /** Whether messages were written to the outbox. */
  messages: boolean;
  /** Whether events were appended. */
  events: boolean;
  /** The database transaction's id, when something was written. */
  xid?: string;
}

export interface UnitOfWorkOptions {
  /** The context: the source of its messages. */
  context: string;
  database: Database;
  idempotency: Idempotency;
  /** Told after each commit, in the same process: wakes relay and projections. */
  committed: (what: Committed) => void;
  /** What to send right behind a commit that writes messages, without waiting for its answer; default nothing. */
  behindMessages?: () => Followed['behind'];
  /** Default: the system clock. */
  clock?: () => Date;
}

const ATTEMPTS = 4;

/**
 * Runs a decision and commits everything it says as one statement: state, events, outbox, idempotency record, inbox mark.
 *
 * @example
 * const account = await work.run(async (tx) => {
 *   const opened = openAccount(draft, tx.now);
 *   tx.append(accountStream, opened.accountId, 0, [opened]);
 *   tx.emit(AccountOpened, toContract(opened));
 *   return accountView(opened);
 * });
 */
export class UnitOfWork {
  private readonly clock: () => Date;
  private readonly commits: GroupCommit;
  private readonly span: SpanOptions;

  constructor(private readonly options: UnitOfWorkOptions) {
    const { database, behindMessages } = options;
    this.commits = new GroupCommit({
      database,
      ...(behindMessages && {
        behind: (batches) => (batches.has(appendToOutbox) || batches.has(appendDelayed) ? behindMessages() : undefined),
      }),
    });
    this.clock = options.clock ?? (() => new Date());
    this.span = { attributes: { 'holdfast.context': options.context } };
  }

  /**
   * Runs the work, then commits what it collected. When another one got in between (optimistic version, serialization
   * failure, deadlock) it runs again from its start, at most 3 times, after up to 25, 50 and 100 ms with full jitter; so the work must
   * have no effect outside the transaction it is given.
   * Inside an idempotent request the first unit of work also commits the request's record; a repetition gets the
   * recorded result instead.
   *
   * @returns what the work returned
   * @throws ConcurrencyError when somebody else was faster each time; after a serialization failure or deadlock PostgreSQL's own
   *   error, and what a write says of itself when it missed its row
   */
  run<R>(work: (tx: Transaction) => R | Promise<R>): Promise<R> {
    return withSpan('unit of work', this.span, () => this.attempts(work));
  }

  private async attempts<R>(work: (tx: Transaction) => R | Promise<R>): Promise<R> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !(isRetryable(error) || error instanceof ConcurrencyError)) throw error;
        await jitter(attempt);
      }
    }
  }

  private async attempt<R>(work: (tx: Transaction) => R | Promise<R>): Promise<R> {
    const { database, idempotency, committed } = this.options;
    const pending = new PendingWork(database, this.commits, this.circumstances());
    let result: R;
    let xid: string | undefined;
    try {
      result = await work(pending);
      idempotency.record(pending, result);
      xid = await pending.commit();
    } catch (error) {
      await pending.abandon();
      throw error;
    }
    idempotency.done();
    if (pending.events && xid !== undefined) noteWrite({ context: this.options.context, xid });
    committed({ messages: pending.messages, events: pending.events, xid });
    return result;
  }

  private circumstances(): Circumstances {
    const correlation = currentCorrelation();
    const principal = currentPrincipal();
    return {
      source: this.options.context,
      time: this.clock(),
      traceparent: currentTraceparent(),
      correlationId: correlation?.correlationId,
      causationId: correlation?.causationId,
      principal: principal && { sub: principal.id, roles: principal.roles },
    };
  }
}

/** Full jitter: a uniform random wait below a doubling bound. See AWS, "Exponential Backoff and Jitter". */
function jitter(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 12.5 * 2 ** attempt));
}
