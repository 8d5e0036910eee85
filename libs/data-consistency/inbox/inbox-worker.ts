import { ContractViolation, newId } from '@holdfast/messaging';
import { isUnavailable } from '../database/errors.js';
import { Pump, type Turn } from '../leadership/pump.js';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { backoff, type Handlers, type MessageHandler } from './handler.js';
import { ClaimLost, completeMessage, type ClaimedMessage, type InboxQueue } from './inbox-queue.js';
import { surrounded } from './surroundings.js';

/** How a message ended this time. */
export type Outcome = 'handled' | 'retried' | 'parked' | 'lost';

export interface HandledMessage {
  handler: string;
  outcome: Outcome;
  seconds: number;
  message: ClaimedMessage;
  error?: unknown;
}

export interface InboxWorkerOptions {
  context: string;
  queue: InboxQueue;
  handlers: Handlers;
  work: UnitOfWork;
  /** Told how each message ended; for logs and metrics. */
  observed: (handled: HandledMessage) => void;
  failed: (error: unknown) => void;
  /** Messages handled at the same time, default 8. */
  concurrency?: number;
  /** Milliseconds; leases are renewed at a third of it. */
  leaseMs: number;
}

const LONGEST_SLEEP_MS = 1_000;

/**
 * Runs handlers: claims messages that are first of their lane, runs each in a unit of work that also completes it, and
 * retries or parks what fails. Any number of workers in any number of processes share one inbox.
 */
export class InboxWorker {
  private readonly pump: Pump;
  private readonly running = new Map<ClaimedMessage, Promise<void>>();
  private readonly concurrency: number;
  private renewal?: NodeJS.Timeout;
  private alarm?: NodeJS.Timeout;

  constructor(private readonly options: InboxWorkerOptions) {
    this.concurrency = options.concurrency ?? 8;
    this.pump = new Pump({ turn: () => this.turn(), failed: options.failed, pollMs: LONGEST_SLEEP_MS });
  }

  start(): void {
    this.pump.start();
    this.renewal = setInterval(() => void this.renewLeases(), this.options.leaseMs / 3);
  }

  /** Something arrived in this process. */
  wake(): void {
    this.pump.wake();
  }

  /** Claims nothing more and resolves when the handlers under way have ended. */
  async stop(): Promise<void> {
    clearTimeout(this.alarm);
    await this.pump.stop();
    await Promise.all(this.running.values());
    clearInterval(this.renewal);
  }

  private async turn(): Promise<Turn> {
    const { queue } = this.options;
    const free = this.concurrency - this.running.size;
    if (free === 0) return 'idle'; // the next handler to end wakes the pump
    const promoted = await queue.promoteDue();
    const claimed = await queue.claim(free, newId());
    for (const message of claimed) this.begin(message);
    if (claimed.length > 0 || promoted > 0) return 'more';
    await this.setAlarm();
    return 'idle';
  }

  /** Wakes the pump when the next delayed or retried message is ready. */
  private async setAlarm(): Promise<void> {
    const ms = await this.options.queue.nextReadyIn();
    clearTimeout(this.alarm);
    if (ms !== undefined && ms < LONGEST_SLEEP_MS) this.alarm = setTimeout(() => this.pump.wake(), ms + 1);
  }

  private begin(message: ClaimedMessage): void {
    const ended = this.run(message).finally(() => {
      this.running.delete(message);
      this.pump.wake();
    });
    this.running.set(message, ended);
  }

  private async run(message: ClaimedMessage): Promise<void> {
    const started = performance.now();
    const handler = this.options.handlers.find(message.type, message.handler);
    let outcome: Outcome = 'handled';
    let failure: unknown;
    try {
      if (!handler) throw new Unhandled(`nothing in ${this.options.context} is called ${message.handler} any more`);
      await this.handle(handler, message);
    } catch (error) {
      failure = error;
      outcome = await this.afterFailure(message, handler, error);
    }
    const seconds = (performance.now() - started) / 1_000;
    this.options.observed({ handler: message.handler, outcome, seconds, message, ...(failure !== undefined && { error: failure }) });
  }

  private handle(handler: MessageHandler, { envelope, messageId, claim }: ClaimedMessage): Promise<void> {
    return surrounded({ context: this.options.context, handler: handler.name, message: envelope }, () => {
      handler.contract.assert(envelope.data);
      return this.options.work.run(async (tx) => {
        await handler.handle(envelope.data, tx, envelope);
        tx.write(completeMessage, { message_id: messageId, handler: handler.name, claim });
      });
    });
  }

  private async afterFailure(message: ClaimedMessage, handler: MessageHandler | undefined, error: unknown): Promise<Outcome> {
    if (error instanceof ClaimLost) return 'lost';
    const { queue } = this.options;
    const cause = causeOf(error);
    try {
      if (isUnavailable(error)) {
        await queue.retryLater(message, { cause, afterMs: 250, counted: false });
        return 'retried';
      }
      const hopeless = error instanceof ContractViolation || error instanceof Unhandled;
      if (!handler || hopeless || message.attempts >= handler.maxAttempts) {
        await queue.park(message, cause);
        return 'parked';
      }
      await queue.retryLater(message, { cause, afterMs: backoff(handler, message.attempts), counted: true });
      return 'retried';
    } catch {
      return 'lost'; // the database is away: the lease runs out and another attempt follows
    }
  }

  private async renewLeases(): Promise<void> {
    const claims = [...new Set([...this.running.keys()].map(({ claim }) => claim))];
    if (claims.length === 0) return;
    await this.options.queue.renew(claims).catch(this.options.failed);
  }
}

/** No code handles this message: parked at once. */
class Unhandled extends Error {}

const LONGEST_CAUSE = 500;

function causeOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, LONGEST_CAUSE);
}
