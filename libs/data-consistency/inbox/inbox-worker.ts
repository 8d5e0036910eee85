import { ContractViolation, newId } from '@holdfast/messaging';
import { crashPoint } from '../crash-points/crash-point.js';
import { isContended, isDatabaseAway } from '../database/errors.js';
import { Pump, type Turn } from '../leadership/pump.js';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { Unhandled, assertEnds, causeOf } from './causes.js';
import { NOT_HERE_BACKOFF_MS, NotHere, backoff, type Handlers, type MessageHandler } from './handler.js';
import { ClaimLost, completeMessage, type Claimed, type ClaimedMessage, type InboxQueue } from './inbox-queue.js';
import { NO_HANDLER, laneOf } from './inbox.js';
import { surrounded } from './surroundings.js';

/** How a message ended this time. */
export type Outcome = 'handled' | 'retried' | 'parked' | 'lost';

/** A message that a handler had its turn with, and how that ended. */
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
  /** Milliseconds a handler may take before its attempt counts as failed; default 60,000. */
  longestMs?: number;
  /** Milliseconds between attempts at what this code cannot handle, until it is parked; default 50 ms, doubling to 1.6 s. */
  notHereMs?: readonly number[];
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
  /** With what another process may be able to handle. */
  private readonly patience: Pick<MessageHandler, 'maxAttempts' | 'backoffMs'>;
  private renewal?: NodeJS.Timeout;
  private alarm?: NodeJS.Timeout;
  private stopping = false;
  /** The last lane looked at, so that every lane gets its turn when there are more than this worker can take at once. */
  private lane = '';

  constructor(private readonly options: InboxWorkerOptions) {
    this.concurrency = options.concurrency ?? 8;
    const backoffMs = options.notHereMs ?? NOT_HERE_BACKOFF_MS;
    this.patience = { backoffMs, maxAttempts: backoffMs.length + 1 };
    this.pump = new Pump({ turn: () => this.turn(), failed: options.failed, pollMs: LONGEST_SLEEP_MS });
  }

  /** Claims and handles until {@link stop}. */
  start(): void {
    this.stopping = false;
    this.pump.start();
    clearInterval(this.renewal);
    this.renewal = setInterval(() => void this.renewLeases(), this.options.leaseMs / 3);
  }

  /** Something arrived in this process. */
  wake(): void {
    this.pump.wake();
  }

  /** Claims nothing more and resolves when the handlers under way have ended. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.pump.stop();
    clearTimeout(this.alarm);
    await Promise.all(this.running.values());
    clearInterval(this.renewal);
  }

  /**
   * Goes on from lane to lane until something is found or the last one was looked at. It sleeps only after one turn that saw
   * every lane: what arrived behind the walk while it went on has woken the pump, which then takes another.
   */
  private async turn(): Promise<Turn> {
    const from = this.lane;
    let readyAt = Infinity;
    while (!this.stopping) {
      const free = this.concurrency - this.running.size;
      if (free === 0) return 'idle'; // the next handler to end wakes the pump
      const { messages, resumeAfter, placed, nextReadyInMs = Infinity } = await this.claim(free);
      readyAt = Math.min(readyAt, performance.now() + nextReadyInMs); // it may fall due behind the walk
      this.lane = resumeAfter ?? '';
      for (const message of messages) if (!this.resume(message)) this.begin(message);
      const found = placed > 0 || messages.length > 0;
      if (resumeAfter !== undefined && !found) continue;
      // After all lanes have had their turn nothing is left but what arrives, ends or falls due: each wakes the pump.
      if (placed > 0 || resumeAfter !== undefined || from !== '') return 'more';
      this.setAlarm(readyAt - performance.now());
      return found ? 'some' : 'idle';
    }
    return 'idle';
  }

  private claim(limit: number): Promise<Claimed> {
    return crashPoint(
      'inbox.claim',
      () => this.options.context,
      () => this.options.queue.claim({ limit, claim: newId(), after: this.lane }),
    );
  }

  /** Its lease ran out, but it is here that it is still being handled: hold it on under the new claim. */
  private resume({ messageId, handler, claim }: ClaimedMessage): boolean {
    const held = [...this.running.keys()].find((one) => one.messageId === messageId && one.handler === handler);
    if (held) held.claim = claim;
    return held !== undefined;
  }

  /** Wakes the pump when the next delayed or retried message is ready. */
  private setAlarm(ms: number): void {
    clearTimeout(this.alarm);
    if (ms < LONGEST_SLEEP_MS) this.alarm = setTimeout(() => this.pump.wake(), Math.max(0, ms) + 2);
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
      if (message.handler === NO_HANDLER && (await this.assigned(message))) return;
      if (!handler) throw new Unhandled(`nothing in ${this.options.context} is called ${message.handler} any more`);
      assertEnds(message, handler);
      await crashPoint(
        'inbox.handle',
        () => `${this.options.context} ${handler.name}`,
        () => this.handle(handler, message),
      );
    } catch (error) {
      failure = error;
      outcome = await this.afterFailure(message, handler, error);
    }
    const seconds = (performance.now() - started) / 1_000;
    try {
      this.options.observed({
        handler: message.handler,
        outcome,
        seconds,
        message,
        ...(failure !== undefined && { error: failure }),
      });
    } catch (error) {
      this.options.failed(error); // who watches must not end the process
    }
  }

  /** A message that nobody could read when it came, redriven: do today's handlers read it? */
  private async assigned(message: ClaimedMessage): Promise<boolean> {
    const handlers = this.options.handlers.of(message.type);
    if (handlers.length === 0) return false;
    await this.options.queue.assign(
      message,
      handlers.map(({ name, lane }) => ({ handler: name, lane: laneOf(lane, message.envelope) })),
    );
    return true;
  }

  /** {@link resume} may change the claim after the completion was written down: then nothing was committed, and it is still ours. */
  private async handle(handler: MessageHandler, message: ClaimedMessage): Promise<void> {
    for (;;) {
      const completed: { under?: string } = {};
      try {
        return await this.attempt(handler, message, completed);
      } catch (error) {
        if (!(error instanceof ClaimLost) || completed.under === message.claim) throw error;
      }
    }
  }

  private attempt(handler: MessageHandler, message: ClaimedMessage, completed: { under?: string }): Promise<void> {
    const { envelope, messageId } = message;
    return surrounded({ context: this.options.context, handler: handler.name, message: envelope }, () => {
      handler.contract.assert(envelope.data);
      return this.options.work.run(async (tx) => {
        await crashPoint(
          'inbox.decide',
          () => `${this.options.context} ${handler.name}`,
          () => this.inTime(handler, handler.handle(envelope.data, tx, envelope)),
        );
        completed.under = message.claim;
        tx.write(completeMessage, { message_id: messageId, handler: handler.name, claim: completed.under });
      });
    });
  }

  /** Gives up waiting for a handler that hangs, so that its lane, its slot and the shutdown do not hang with it. */
  private async inTime(handler: MessageHandler, handling: unknown): Promise<void> {
    const { longestMs = 60_000 } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${handler.name} did not end within ${longestMs} ms`)), longestMs);
    });
    try {
      await Promise.race([handling, tooLong]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async afterFailure(
    message: ClaimedMessage,
    handler: MessageHandler | undefined,
    error: unknown,
  ): Promise<Outcome> {
    if (error instanceof ClaimLost) return 'lost';
    const { queue } = this.options;
    const cause = causeOf(error);
    try {
      if (isDatabaseAway(error) || isContended(error)) {
        await this.giveBack(message, cause);
        return 'retried';
      }
      const [patience, countedAs, times] =
        error instanceof NotHere
          ? ([this.patience, 'not-here', message.notHere + 1] as const)
          : ([handler, 'failure', message.attempts] as const);
      if (!patience || error instanceof ContractViolation || times >= patience.maxAttempts) {
        await crashPoint(
          'inbox.park',
          () => this.options.context,
          () => queue.park(message, { cause, countedAs }),
        );
        return 'parked';
      }
      const afterMs = backoff(patience, times);
      await crashPoint(
        'inbox.retry-later',
        () => this.options.context,
        () => queue.retryLater(message, { cause, afterMs, countedAs }),
      );
      return 'retried';
    } catch {
      return 'lost'; // the database is away: the lease runs out and another attempt follows
    }
  }

  /** The database was away or had no turn for us: the message goes back into line as soon as that can be told, else its lease runs out. */
  private async giveBack(message: ClaimedMessage, cause: string): Promise<void> {
    const deadline = performance.now() + this.options.leaseMs;
    for (;;) {
      try {
        const afterMs = 250 + Math.random() * 500; // not all at once
        return await this.options.queue.retryLater(message, { cause, afterMs, countedAs: 'nothing' });
      } catch (error) {
        if (this.stopping || performance.now() > deadline || !(isDatabaseAway(error) || isContended(error)))
          throw error;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }

  private async renewLeases(): Promise<void> {
    const held = [...this.running.keys()];
    if (held.length === 0) return;
    await this.options.queue.renew(held).catch(this.options.failed);
  }
}
