import type { AnyContract, CommandContract, DataOf, EventContract, Message, Outgoing } from '@holdfast/messaging';
import type { QueryResultRow } from 'pg';
import type { FactOf, Stream } from '../event-store/stream.js';
import type { Write } from './write.js';

/** When a command is to be handled. */
export interface SendOptions {
  /**
   * Not before this moment of the calendar, by the database's clock; it survives restarts. Default: at once. A moment
   * computed from {@link Transaction.now} is as wrong as this process's clock: say `afterMs` instead.
   */
  dueAt?: Date;
  /** Not before this many milliseconds after the commit, by the database's clock alone. Default 0. Not with `dueAt`. */
  afterMs?: number;
}

/**
 * What a handler says shall happen, collected and committed as one statement when the handler returns; nothing of it
 * happens when it throws. Reading is free until {@link Transaction.lock} is called: no database transaction is open, so
 * an external call may be made between reading and returning.
 *
 * Once the unit is over (it was committed, failed, or was given up on because it took too long) whatever would still be
 * collected throws an Error: it must not be lost in silence.
 */
export interface Transaction {
  /** The moment of this unit of work, from the injected clock. */
  readonly now: Date;
  /** Tells every reader that something happened: the only way to tell a neighbour anything. */
  emit<Contract extends EventContract>(contract: Contract, data: DataOf<Contract>): void;
  /**
   * Asks the owner of a command to do something, now or when it falls due. The owner may be this very context.
   *
   * @throws RangeError when `afterMs` is no number of milliseconds from 0 to a hundred years, or comes with a `dueAt`
   * @example tx.send(CloseAccount, { accountId }, { afterMs: 30 * 86_400_000 });
   */
  send<Contract extends CommandContract>(contract: Contract, data: DataOf<Contract>, options?: SendOptions): void;
  /** Wraps a message as of this unit of work (trace, correlation, principal) without sending it. */
  compose(outgoing: Outgoing<AnyContract>, dueAt?: Date): Message;
  /** Adds rows to a declared write. */
  write<Row extends object>(write: Write<Row>, ...rows: Row[]): void;
  /**
   * Appends facts to a stream that is expected to be at this version (0: must not exist).
   * When it is not, the unit of work fails with ConcurrencyError.
   */
  append<S extends Stream>(stream: S, id: string, expectedVersion: number, facts: readonly FactOf<S>[]): void;
  /** Reads inside this unit of work. */
  read<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * Reads with a lock (`… for update`): from here on the unit is an explicit database transaction, so decide quickly and
   * call nobody. For decisions that must hold what they read; an optimistic version is cheaper where it fits.
   */
  lock<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}
