import { AsyncLocalStorage } from 'node:async_hooks';
import { hash } from 'node:crypto';
import type { Database } from '../database/database.js';
import { noteWrite } from '../projections/consistency.js';
import type { Transaction } from '../unit-of-work/transaction.js';
import { defineWrite } from '../unit-of-work/write.js';

/** A request that must have its effect once, however often it is sent. */
export interface IdempotentRequest {
  /** Who asks; keys of different principals never meet. */
  principal: string;
  /** Method and route template: `POST /api/v1/accounts`. */
  route: string;
  /** The client's `Idempotency-Key`. */
  key: string;
  /** Hash of the canonical body: the same key with another body is a mistake of the client's. */
  fingerprint: string;
  /** How long the record is kept, hours. */
  keepForHours: number;
}

/** What was recorded for a request: its result, as JSON reads it. */
export interface RecordedRequest {
  fingerprint: string;
  result: unknown;
}

/** The request had its effect before, or has it right now in another process. Read the record. */
export class AlreadyDone extends Error {
  override readonly name = 'AlreadyDone';
}

interface Scope {
  request: IdempotentRequest;
  recorded: boolean;
}

const scopes = new AsyncLocalStorage<Scope>();

interface RecordRow {
  id: string;
  fingerprint: string;
  result: unknown;
  keep_for_hours: number;
}

/** One number for who asks what under which key; neither a route nor a key has a line break in it. */
function idOf({ principal, route, key }: IdempotentRequest): string {
  return hash('sha256', `${principal}\n${route}\n${key}`).slice(0, 32); // PostgreSQL reads it as a uuid
}

const recordRequest = defineWrite<RecordRow>(
  'road.record-request',
  { id: 'uuid', fingerprint: 'text', result: 'json', keep_for_hours: 'int' },
  `insert into idempotency (id, fingerprint, result, expires_at)
   select id, fingerprint, result, clock_timestamp() + make_interval(hours => keep_for_hours) from rows
   on conflict (id) do update
     set fingerprint = excluded.fingerprint, result = excluded.result, expires_at = excluded.expires_at
     where idempotency.expires_at < clock_timestamp()`,
  { missed: () => new AlreadyDone() },
);

/** With the newest transaction there was by then: the record's is that one or an elder. */
const FIND = `
  select fingerprint, result, (pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text as newest
  from idempotency where id = $1 and expires_at >= statement_timestamp()`;

/**
 * Request idempotency whose record commits in the very statement of the effect: no effect without a record, no record
 * without an effect, and no extra round trip on the way. Of two concurrent requests with one key the second waits for
 * the first on the record's unique index, fails, and reads what the first recorded.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
export class Idempotency {
  constructor(
    private readonly database: Database,
    private readonly context: string,
  ) {}

  /** Runs the work as one idempotent request: its first unit of work commits the record together with its effect. */
  within<R>(request: IdempotentRequest, work: () => Promise<R>): Promise<R> {
    return scopes.run({ request, recorded: false }, work);
  }

  /**
   * What is recorded for a request, if it has not expired. Whoever is given it may expect to see its effect: that counts as a
   * write of this transaction or an earlier one.
   */
  async find(request: IdempotentRequest): Promise<RecordedRequest | undefined> {
    const found = await this.database.one<RecordedRequest & { newest: string }>(FIND, [idOf(request)]);
    if (!found) return undefined;
    const { newest, ...recorded } = found;
    noteWrite({ context: this.context, xid: newest });
    return recorded;
  }

  /** Adds the record of the surrounding request, if there is one, to a unit of work. */
  record(tx: Transaction, result: unknown): void {
    const scope = scopes.getStore();
    if (!scope || scope.recorded) return;
    const { fingerprint, keepForHours } = scope.request;
    tx.write(recordRequest, {
      id: idOf(scope.request),
      fingerprint,
      result: result ?? null,
      keep_for_hours: keepForHours,
    });
  }

  /** Tells the surrounding request that its record is committed, so that a later unit of work adds none. */
  done(): void {
    const scope = scopes.getStore();
    if (scope) scope.recorded = true;
  }
}
