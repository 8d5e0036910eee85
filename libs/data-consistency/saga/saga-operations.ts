import type { Message } from '@holdfast/messaging';
import type { QueryResultRow } from 'pg';
import { COUNTED, entriesOf } from '../database/counting.js';
import type { Database } from '../database/database.js';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import type { SagaInput, SagaStatus } from './advance.js';
import { fork, type Fork, type RecordedInput } from './fork.js';
import type { Resumed, SagaRunner } from './saga-runner.js';
import { withDurations, type TimelineLine } from './timeline.js';

/** An instance as operators see it in a list. */
export interface SagaSummary {
  type: string;
  id: string;
  /** Of the definition. */
  version: number;
  status: SagaStatus;
  reason: string | null;
  /** Since when nobody has answered although it was asked for too often; null: not stuck. */
  stuckSince: Date | null;
  startedAt: Date;
  updatedAt: Date;
}

/** An instance with its timeline. */
export interface SagaDetails extends SagaSummary {
  /** What it waits for; null when it has ended. */
  pending: { step: string; undoing: boolean; asks: number; askedAt: Date } | null;
  /** When it will ask again or turn back by itself. */
  nextTimer: Date | null;
  timeline: ReturnType<typeof withDurations>;
}

/** Which instances to list. */
export interface SagaFilter {
  limit: number;
  status?: string;
  stuck?: boolean;
}

/** What was recorded of an instance is not complete any more: the inbox remembers a message for a month. */
export class InputsForgotten extends Error {
  override readonly name = 'InputsForgotten';
}

export interface SagaOperationsOptions {
  context: string;
  database: Database;
  work: UnitOfWork;
  runners: readonly SagaRunner[];
}

const SUMMARY = `type, id, definition_version as version, status, reason, stuck_at as "stuckSince",
                 started_at as "startedAt", updated_at as "updatedAt"`;

/** As the indexes have it: `saga_live`, and `saga_finished` of the others. */
const UNDER_WAY = `status not in ('completed', 'compensated')`;

/**
 * Those under way one by one; of those that have ended, months of them, the newest, and the rest as many times as their index is
 * longer.
 */
const STATES = `
  with ended as materialized (
    select type, status from saga where status in ('completed', 'compensated') order by updated_at desc limit ${COUNTED + 1}),
  seen as (select count(*) as counted from ended)
  select type, status, count(*) as count from saga where ${UNDER_WAY} group by type, status
  union all
  select type, status, case when counted <= ${COUNTED} then count(*)
    else (count(*) * greatest(1, ${entriesOf('saga_finished')}::float8 / counted))::bigint end as count
  from ended, seen group by type, status, counted`;

/** What operators may see and do of a context's sagas. */
export class SagaOperations {
  readonly context: string;
  private readonly database: Database;

  constructor(private readonly options: SagaOperationsOptions) {
    this.context = options.context;
    this.database = options.database;
  }

  /** The latest started first. */
  async list({ limit, status, stuck = false }: SagaFilter): Promise<SagaSummary[]> {
    const conditions = [...(stuck ? ['stuck_at is not null'] : []), ...(status ? ['status = $2'] : [])];
    const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
    return this.database.read<SagaSummary & QueryResultRow>(
      `select ${SUMMARY} from saga ${where} order by ${stuck ? 'stuck_at' : 'started_at desc'} limit $1`,
      status ? [limit, status] : [limit],
    );
  }

  /** One instance with everything that happened to it, or undefined. */
  async find(id: string): Promise<SagaDetails | undefined> {
    const row = await this.database.one<SagaSummary & { asks: number; nextTimer: Date | null } & QueryResultRow>(
      `select ${SUMMARY}, asks, (select due_at from inbox t where t.message_id = saga.timer_id and t.done_at is null) as "nextTimer"
       from saga where id = $1 order by type limit 1`,
      [id],
    );
    if (!row) return undefined;
    const lines = await this.database.read<TimelineLine & QueryResultRow>(
      `select what, step, detail, message_id as "messageId", at from saga_timeline
       where type = $1 and id = $2 order by version, ordinal`,
      [row.type, id],
    );
    const { asks, nextTimer, ...summary } = row;
    return {
      ...summary,
      pending: pendingOf({ status: row.status, asks }, lines),
      nextTimer,
      timeline: withDurations(lines),
    };
  }

  /** How many instances are in which state; about so many, when more than 10,000 have ended. */
  async states(): Promise<{ type: string; status: string; count: number }[]> {
    return this.database.read(STATES);
  }

  /** How many instances of each saga are stuck; a saga with none is named too. */
  async stuck(): Promise<{ saga: string; count: number }[]> {
    const rows = await this.database.read<{ type: string; count: number }>(
      `select type, count(*) as count from saga where stuck_at is not null group by type`,
    );
    const counts = new Map(rows.map(({ type, count }) => [type, count]));
    return this.options.runners.map(({ name }) => ({ saga: name, count: counts.get(name) ?? 0 }));
  }

  /** Instances under way on a version of their definition that this code does not have: their messages will be parked. */
  async orphans(): Promise<{ saga: string; version: number; count: number; ids: string[] }[]> {
    const rows = await this.database.read<{ saga: string; version: number; count: number; ids: string[] }>(
      `select type as saga, definition_version as version, count(*) as count, (array_agg(id order by started_at))[1:10] as ids
       from saga where ${UNDER_WAY} group by 1, 2 order by 1, 2`,
    );
    return rows.filter(({ saga, version }) => !this.runner(saga)?.knownVersions.includes(version));
  }

  /** Asks again now for what a stuck (or only slow) instance waits for. */
  async resume(id: string): Promise<Resumed> {
    for (const runner of this.options.runners) {
      const resumed = await this.options.work.run((tx) => runner.resume(tx, id));
      if (resumed !== 'unknown') return resumed;
    }
    return 'unknown';
  }

  /**
   * Replays an instance from a step in memory and tells what it would have sent; undefined when there is none. Nothing is
   * written and nothing is sent.
   *
   * @param onto the version that takes over at the step: the one the instance runs on, or the newest
   * @throws NoSuchStep, VersionGone, InputsForgotten
   */
  async fork(
    id: string,
    step: string,
    onto: 'same' | 'newest' = 'same',
  ): Promise<(Fork & { saga: string }) | undefined> {
    const found = await this.find(id);
    const runner = found && this.runner(found.type);
    if (!runner) return undefined;
    const original = runner.definition(found.version);
    const inputs = await this.inputs(runner, id);
    return { saga: runner.name, ...fork({ original, onto: onto === 'same' ? original : runner.newest, step, inputs }) };
  }

  /** The first line of each move names the message that made it; the inbox still has it. */
  private async inputs(runner: SagaRunner, id: string): Promise<RecordedInput[]> {
    const rows = await this.database.read<{ message_id: string | null; envelope: Message | null }>(
      `select t.message_id, i.envelope from saga_timeline t
       left join inbox i on i.message_id = t.message_id and i.handler = $3
       where t.type = $1 and t.id = $2 and t.ordinal = 0 order by t.version`,
      [runner.name, id, runner.handlerName],
    );
    return rows.map(({ message_id: messageId, envelope }) => {
      if (messageId === null) return { input: { kind: 'resumed' } };
      if (!envelope) throw new InputsForgotten(`Message ${messageId}, which moved ${id}, is not in the inbox any more`);
      return { messageId, input: inputOf(envelope, runner) };
    });
  }

  private runner(name: string): SagaRunner | undefined {
    return this.options.runners.find((runner) => runner.name === name);
  }
}

function inputOf({ type, data }: Message, { timer }: SagaRunner): SagaInput {
  if (type !== timer.type) return { kind: 'event', type, data };
  return { kind: 'timeout', ...(data as { status: SagaStatus; step: number }) };
}

function pendingOf(
  { status, asks }: { status: SagaStatus; asks: number },
  lines: readonly TimelineLine[],
): SagaDetails['pending'] {
  if (status !== 'running' && status !== 'compensating') return null;
  const last = lines.findLast(({ what }) => what.includes('asked'));
  return last ? { step: last.step!, undoing: status === 'compensating', asks, askedAt: last.at } : null;
}
