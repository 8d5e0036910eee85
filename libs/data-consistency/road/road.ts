import type { Conveyor, Intake } from '@holdfast/messaging';
import type { Database } from '../database/database.js';
import { EventStore } from '../event-store/event-store.js';
import { Idempotency } from '../idempotency/idempotency.js';
import { Handlers, type MessageHandler } from '../inbox/handler.js';
import { InboxQueue } from '../inbox/inbox-queue.js';
import { InboxWorker, type HandledMessage } from '../inbox/inbox-worker.js';
import { Inbox } from '../inbox/inbox.js';
import { Leadership, type LeaderTask } from '../leadership/leadership.js';
import { HorizonWatch, type Horizon } from '../outbox/horizon.js';
import { Relay } from '../outbox/relay.js';
import type { Projection } from '../projections/projection.js';
import { Projector } from '../projections/projector.js';
import { ReadModels } from '../projections/read-models.js';
import { UnitOfWork, type Committed } from '../unit-of-work/unit-of-work.js';
import { Housekeeping, type ExpiringTable } from './housekeeping.js';

/** What a road is made of. */
export interface RoadOptions {
  context: string;
  database: Database;
  conveyor: Conveyor;
  projections: readonly Projection[];
  /** Tables of the context whose expired rows housekeeping forgets, every hour; default none. */
  expiring?: readonly ExpiringTable[];
  /** Told about every handled message; for logs and metrics. */
  observed: (handled: HandledMessage) => void;
  /** Told about failures of the loops themselves: the database away, leadership lost. */
  failed: (part: string, error: unknown) => void;
  /**
   * Told when messages wait for an open transaction, anybody's in the whole cluster: nothing is lost, and nothing goes on
   * until it ends. Again every minute.
   */
  stalled?: (horizon: Horizon) => void;
  /** Milliseconds that messages may wait so before {@link RoadOptions.stalled} is told; default 10,000. */
  stalledAfterMs?: number;
  clock?: () => Date;
  /** Milliseconds a message of a crashed process waits for another worker; default 5,000. */
  leaseMs?: number;
  /** Messages handled at the same time; default 8. */
  concurrency?: number;
  /**
   * Milliseconds between attempts at a message that this code cannot handle and another process's may, until it is parked;
   * default 50 ms, doubling to 1.6 s.
   */
  notHereMs?: readonly number[];
}

/** Everything one context needs to keep its word: what it writes with, and the loops that carry messages and read models on. */
export class Road {
  readonly context: string;
  readonly database: Database;
  readonly work: UnitOfWork;
  readonly events: EventStore;
  readonly idempotency: Idempotency;
  readonly readModels: ReadModels;
  readonly projectors: readonly Projector[];
  private readonly relay: Relay;
  private readonly tasks: LeaderTask[];
  private readonly leadership: Leadership;
  private worker?: InboxWorker;
  private intake?: Intake;

  constructor(private readonly options: RoadOptions) {
    const { context, database, projections, expiring = [], stalled, stalledAfterMs } = options;
    this.context = context;
    this.database = database;
    this.events = new EventStore(database);
    this.idempotency = new Idempotency(database, context);
    this.readModels = new ReadModels({ context, database });
    this.work = new UnitOfWork({
      context,
      database,
      idempotency: this.idempotency,
      committed: (what) => this.carryOn(what),
      behindMessages: () => this.relay.look(),
      ...(options.clock && { clock: options.clock }),
    });
    const failed = (part: string) => (error: unknown) => options.failed(part, error);
    const horizon =
      stalled &&
      new HorizonWatch({ database, stalled, ...(stalledAfterMs !== undefined && { afterMs: stalledAfterMs }) });
    this.relay = new Relay({
      context,
      database,
      conveyor: options.conveyor,
      failed: failed('relay'),
      ...(horizon && { horizon }),
    });
    this.projectors = projections.map(
      (projection) =>
        new Projector({
          database,
          events: this.events,
          projection,
          failed: failed(`projection ${projection.name}`),
          moved: () => this.readModels.moved(),
        }),
    );
    const housekeeping = new Housekeeping({ database, expiring, failed: failed('housekeeping') });
    this.tasks = [this.relay, ...this.projectors, housekeeping];
    this.leadership = new Leadership({ database, name: context, tasks: this.tasks });
  }

  /** Whether this process leads the context's relay and projections. */
  get leads(): boolean {
    return this.leadership.leads;
  }

  /** Connects the context's inbox to the conveyor. Every context connects before the first one starts. */
  connect(handlers: readonly MessageHandler[]): void {
    const { context, database, conveyor, observed, failed, concurrency, notHereMs, leaseMs = 5_000 } = this.options;
    const known = new Handlers(handlers);
    const worker = new InboxWorker({
      context,
      queue: new InboxQueue(database, leaseMs),
      handlers: known,
      work: this.work,
      observed,
      failed: (error) => failed('inbox', error),
      leaseMs,
      ...(concurrency !== undefined && { concurrency }),
      ...(notHereMs && { notHereMs }),
    });
    const intake = conveyor.connect(new Inbox(context, database, known, () => worker.wake()));
    if (intake) this.tasks.push(intake);
    this.intake = intake ?? undefined;
    this.worker = worker;
  }

  /** Starts carrying and handling messages. */
  start(): void {
    this.worker?.start();
    this.leadership.start();
  }

  /** Claims no more messages and resolves when those being handled are done. */
  async stopHandling(): Promise<void> {
    await this.worker?.stop();
  }

  /** Lets another process lead. */
  async releaseLeadership(): Promise<void> {
    await this.leadership.release();
  }

  /**
   * Messages by who told them that a broker holds for this context and its inbox has not got; none where messages go from outbox
   * to inbox directly.
   *
   * @throws when the broker does not answer
   */
  async incoming(): Promise<Record<string, number>> {
    return (await this.intake?.waiting()) ?? {};
  }

  /** Something in the inbox was changed by hand (redriven, discarded). */
  wakeInbox(): void {
    this.worker?.wake();
  }

  private carryOn({ messages, events, xid }: Committed): void {
    if (messages) this.relay.wake(xid);
    if (!events) return;
    if (xid !== undefined && this.projectors.length > 0) this.readModels.wrote(xid);
    for (const projector of this.projectors) projector.wake();
  }
}
