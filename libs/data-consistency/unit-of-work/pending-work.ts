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
import { query, rollback, type Database } from '../database/database.js';
import { ConcurrencyError, sqlState, violates } from '../database/errors.js';
import { currentVersion } from '../event-store/event-store.js';
import { appendEvents, type EventRow } from '../event-store/append.js';
import type { FactOf, Stream } from '../event-store/stream.js';
import { appendToOutbox, outboxRow } from '../outbox/outbox.js';
import { compile } from './compile.js';
import type { SendOptions, Transaction } from './transaction.js';
import type { Write } from './write.js';

/** SQLSTATE raised by `road_conflict` when a write touched fewer rows than it was given. */
const MISSED_ROWS = 'HF409';

/** The transaction a handler sees: a list of writes until it is committed. */
export class PendingWork implements Transaction {
  private readonly batches = new Map<Write, object[]>();
  private client?: PoolClient;

  constructor(
    private readonly database: Database,
    private readonly circumstances: Circumstances,
  ) {}

  get now(): Date {
    return this.circumstances.time;
  }

  get messages(): boolean {
    return this.batches.has(appendToOutbox);
  }

  get events(): boolean {
    return this.batches.has(appendEvents);
  }

  emit<Contract extends EventContract>(contract: Contract, data: DataOf<Contract>): void {
    this.write(appendToOutbox, outboxRow(this.compose({ contract, data })));
  }

  send<Contract extends CommandContract>(contract: Contract, data: DataOf<Contract>, { dueAt }: SendOptions = {}): void {
    this.write(appendToOutbox, outboxRow(this.compose({ contract, data }, dueAt)));
  }

  compose(outgoing: Outgoing<AnyContract>, dueAt?: Date): Message {
    return seal(outgoing, { ...this.circumstances, ...(dueAt && { dueAt }) });
  }

  write<Row extends object>(write: Write<Row>, ...rows: Row[]): void {
    if (rows.length === 0) return;
    const batch = this.batches.get(write as Write);
    if (batch) batch.push(...rows);
    else this.batches.set(write as Write, [...rows]);
  }

  append<S extends Stream>(stream: S, id: string, expectedVersion: number, facts: readonly FactOf<S>[]): void {
    const { correlationId, causationId, traceparent, principal } = this.circumstances;
    const rows = facts.map(
      (fact, index): EventRow => ({
        event_id: newId(),
        stream_type: stream.name,
        stream_id: id,
        version: expectedVersion + index + 1,
        type: fact.type,
        schema_version: currentVersion(stream, fact.type),
        data: fact.data,
        metadata: { correlationId, causationId, traceparent, by: principal?.sub },
      }),
    );
    this.write(appendEvents, ...rows);
  }

  async read<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return query<Row>(this.client ?? this.database.pool, text, values);
  }

  async lock<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    if (!this.client) {
      this.client = await this.database.pool.connect();
      await this.client.query('begin');
    }
    return query<Row>(this.client, text, values);
  }

  /** Sends everything as one statement, all or nothing; gives the database transaction's id when something was written. */
  async commit(): Promise<string | undefined> {
    let xid: string | undefined;
    try {
      if (this.batches.size > 0) {
        const { text, values } = compile(this.batches);
        const [row] = await query<{ xid: string }>(this.client ?? this.database.pool, text, values);
        xid = row?.xid;
      }
      await this.client?.query('commit');
    } catch (error) {
      throw this.explained(error);
    }
    this.client?.release();
    this.client = undefined;
    return xid;
  }

  /** Gives the connection back after a failure. */
  async abandon(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client) client.release(await rollback(client));
  }

  private explained(error: unknown): unknown {
    if (sqlState(error) === MISSED_ROWS) {
      const name = (error as Error).message;
      const write = [...this.batches.keys()].find((candidate) => candidate.name === name);
      return write?.missed?.() ?? new ConcurrencyError(name);
    }
    return violates(error, /^event_(pkey|.*_stream)/) ? new ConcurrencyError('the event stream') : error;
  }
}
