import {
  newId,
  seal,
  type AnyContract,
  type Circumstances,
  type CommandContract,
  type DataOf,
  type EventContract,
  type Message,
  type Outgoing,
} from '@holdfast/messaging';
import type { PoolClient, QueryResultRow } from 'pg';
import { begin, checkOut, giveBack, query, rollback, type Database } from '../database/database.js';
import { ConcurrencyError, sqlState, violates } from '../database/errors.js';
import { currentVersion } from '../event-store/event-store.js';
import { appendEvents, type EventRow } from '../event-store/append.js';
import type { FactOf, Stream } from '../event-store/stream.js';
import { appendDelayed, appendToOutbox, delayedRow, outboxRow } from '../outbox/outbox.js';
import { execute, type GroupCommit } from './group-commit.js';
import type { SendOptions, Transaction } from './transaction.js';
import type { Write } from './write.js';

/** SQLSTATE raised by `road_conflict` when a write touched fewer rows than it was given. */
const MISSED_ROWS = 'HF409';

/** The transaction a handler sees: a list of writes until it is committed. */
export class PendingWork implements Transaction {
  private readonly batches = new Map<Write, object[]>();
  private opening?: Promise<PoolClient>;
  private isOver = false;

  constructor(
    private readonly database: Database,
    private readonly commits: GroupCommit,
    private readonly circumstances: Circumstances,
  ) {}

  get now(): Date {
    return this.circumstances.time;
  }

  get messages(): boolean {
    return this.batches.has(appendToOutbox) || this.batches.has(appendDelayed);
  }

  get events(): boolean {
    return this.batches.has(appendEvents);
  }

  emit<Contract extends EventContract>(contract: Contract, data: DataOf<Contract>): void {
    this.write(appendToOutbox, outboxRow(this.compose({ contract, data })));
  }

  send<Contract extends CommandContract>(
    contract: Contract,
    data: DataOf<Contract>,
    { dueAt, afterMs }: SendOptions = {},
  ): void {
    if (afterMs !== undefined)
      return this.write(appendDelayed, delayedRow(this.compose({ contract, data }), { afterMs, dueAt }));
    this.write(appendToOutbox, outboxRow(this.compose({ contract, data }, dueAt)));
  }

  compose(outgoing: Outgoing<AnyContract>, dueAt?: Date): Message {
    return seal(outgoing, dueAt ? { ...this.circumstances, dueAt } : this.circumstances);
  }

  write<Row extends object>(write: Write<Row>, ...rows: Row[]): void {
    this.assertOpen(write.name);
    if (rows.length === 0) return;
    const batch = this.batches.get(write as Write);
    if (batch) batch.push(...rows);
    else this.batches.set(write as Write, [...rows]);
  }

  append<S extends Stream>(stream: S, id: string, expectedVersion: number, facts: readonly FactOf<S>[]): void {
    const { correlationId, causationId, traceparent, principal } = this.circumstances;
    const appended = (this.batches.get(appendEvents as Write) ?? []) as EventRow[];
    const continues = appended.some(
      (row) => row.version === expectedVersion && row.stream_id === id && row.stream_type === stream.name,
    );
    const rows = facts.map((fact, index): EventRow => ({
      event_id: newId(),
      stream_type: stream.name,
      stream_id: id,
      version: expectedVersion + index + 1,
      type: fact.type,
      schema_version: currentVersion(stream, fact.type),
      data: fact.data,
      metadata: { correlationId, causationId, traceparent, by: principal?.sub },
      follows: continues || index > 0,
    }));
    this.write(appendEvents, ...rows);
  }

  async read<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return query<Row>((await this.opening) ?? this.database.pool, text, values);
  }

  async lock<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    this.assertOpen('a lock');
    this.opening ??= this.open(); // one connection, also when two locks are asked for at once
    return query<Row>(await this.opening, text, values);
  }

  /** Sends everything as one statement, all or nothing; gives the database transaction's id when something was written. */
  async commit(): Promise<string | undefined> {
    this.isOver = true;
    let xid: string | undefined;
    const client = await this.opening;
    try {
      if (this.batches.size > 0)
        xid = await (client ? execute(client, this.batches) : this.commits.commit(this.batches));
      if (client) await query(client, 'commit');
    } catch (error) {
      throw this.explained(error);
    }
    this.opening = undefined;
    if (client) giveBack(client);
    return xid;
  }

  /** Gives the connection back after a failure. */
  async abandon(): Promise<void> {
    this.isOver = true;
    const client = await this.opening?.catch(() => undefined);
    this.opening = undefined;
    if (client) giveBack(client, await rollback(client));
  }

  /** What comes late would be lost without a word, and nobody would give a connection back. */
  private assertOpen(what: string): void {
    if (!this.isOver) return;
    throw new Error(`This unit of work is over: too late for ${what}. An await was forgotten, or it took too long`);
  }

  private async open(): Promise<PoolClient> {
    const client = await checkOut(this.database.pool);
    try {
      await begin(client);
      return client;
    } catch (error) {
      giveBack(client, true);
      throw error;
    }
  }

  private explained(error: unknown): unknown {
    if (sqlState(error) === MISSED_ROWS) {
      const name = (error as Error).message;
      const write = [...this.batches.keys()].find((candidate) => candidate.name === name);
      return write?.missed?.() ?? new ConcurrencyError(name);
    }
    return violates(error, /^event_pkey/) ? new ConcurrencyError('the event stream') : error;
  }
}
