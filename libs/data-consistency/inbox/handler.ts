import type { AnyContract, Message } from '@holdfast/messaging';
import type { Transaction } from '../unit-of-work/transaction.js';

/** A handler as the inbox runs it. */
export interface MessageHandler {
  /** Stable name inside its context; with the message id it identifies one effect. */
  readonly name: string;
  readonly contract: AnyContract;
  /** Messages of one key and lane run one after another; '' is the context's common lane. */
  readonly lane: string;
  readonly maxAttempts: number;
  /** Milliseconds to wait after the n-th failed attempt, the last repeating. */
  readonly backoffMs: readonly number[];
  handle(data: unknown, tx: Transaction, message: Message): unknown;
}

/**
 * This code cannot handle the message, but that of another process may: during a deployment both share the inbox. The message
 * goes back into line for a while before it is parked, with this as its cause. It is counted apart from failures: neither uses
 * up the attempts of the other.
 */
export class NotHere extends Error {}

/**
 * Milliseconds between attempts at a message that is {@link NotHere}: three seconds in all, since poison is to be heard of soon.
 * While every second process is new, one in 128 such messages is parked nevertheless.
 */
export const NOT_HERE_BACKOFF_MS: readonly number[] = [50, 100, 200, 400, 800, 1_600];

/** Milliseconds between attempts unless a handler says otherwise: 1 s, 5 s, 30 s, 2 min, then every 10 min. */
export const DEFAULT_BACKOFF_MS: readonly number[] = [1_000, 5_000, 30_000, 120_000, 600_000];
/** Attempts before a message is parked, unless its handler says otherwise. */
export const DEFAULT_MAX_ATTEMPTS = 10;

/** Milliseconds until the next attempt, with ±20 % jitter so that a crowd of failures does not come back as a crowd. */
export function backoff({ backoffMs }: Pick<MessageHandler, 'backoffMs'>, failedAttempts: number): number {
  const wait = backoffMs[Math.min(failedAttempts, backoffMs.length) - 1] ?? 1_000;
  return Math.round(wait * (0.8 + Math.random() * 0.4));
}

/**
 * The handlers of a context, found by what they read.
 *
 * @throws Error when two handlers of one contract have the same name: they would take each other for done
 */
export class Handlers {
  private readonly byType = new Map<string, MessageHandler[]>();
  private readonly byName = new Map<string, MessageHandler>();
  private readonly names = new Set<string>();
  readonly contracts: readonly AnyContract[];

  constructor(handlers: readonly MessageHandler[]) {
    this.contracts = handlers.map(({ contract }) => contract);
    for (const handler of handlers) {
      const { type, name: contract } = handler.contract;
      if (this.byName.has(`${type} ${handler.name}`)) {
        throw new Error(
          `Two handlers of ${type} are called ${handler.name}: the second would never run. Name one with the option "name"`,
        );
      }
      this.byType.set(type, [...(this.byType.get(type) ?? []), handler]);
      this.names.add(contract);
      this.byName.set(`${type} ${handler.name}`, handler);
    }
  }

  /** Those that read this very version of a contract. */
  of(type: string): readonly MessageHandler[] {
    return this.byType.get(type) ?? [];
  }

  /** The handler of an inbox row, unless the code no longer has it. */
  find(type: string, name: string): MessageHandler | undefined {
    return this.byName.get(`${type} ${name}`);
  }

  /** Whether any version of a contract is read. */
  readsContract(name: string): boolean {
    return this.names.has(name);
  }
}
