import { newId, type CommandContract } from '@holdfast/messaging';
import type { QueryResultRow } from 'pg';
import { laneOf } from '../inbox/inbox.js';
import type { Transaction } from '../unit-of-work/transaction.js';
import { defineWrite } from '../unit-of-work/write.js';
import type { Advance, SagaInstance, SagaStatus } from './advance.js';

/** An instance with what identifies it. */
export interface StoredSaga {
  id: string;
  definitionVersion: number;
  version: number;
  timerId: string;
  instance: SagaInstance;
}

interface SagaRow extends QueryResultRow {
  id: string;
  definition_version: number;
  status: SagaStatus;
  step: number;
  state: unknown;
  reason: string | null;
  timer_id: string;
  version: number;
}

const SAGA_COLUMNS = {
  type: 'text',
  id: 'text',
  definition_version: 'int',
  status: 'text',
  step: 'int',
  state: 'json',
  reason: 'text',
  timer_id: 'uuid',
  version: 'int',
};

const insertSaga = defineWrite<SagaRow & { type: string }>(
  'road.insert-saga',
  SAGA_COLUMNS,
  `insert into saga (type, id, definition_version, status, step, state, reason, timer_id, version)
   select type, id, definition_version, status, step, state, reason, timer_id, version from rows`,
);

const updateSaga = defineWrite<SagaRow & { type: string }>(
  'road.update-saga',
  SAGA_COLUMNS,
  `update saga set status = rows.status, step = rows.step, state = rows.state, reason = rows.reason,
          timer_id = rows.timer_id, version = rows.version, updated_at = clock_timestamp()
   from rows where saga.type = rows.type and saga.id = rows.id and saga.version = rows.version - 1`,
);

interface TimelineRow {
  type: string;
  id: string;
  version: number;
  ordinal: number;
  entry: string;
  message_id: string;
}

const appendTimeline = defineWrite<TimelineRow>(
  'road.append-saga-timeline',
  { type: 'text', id: 'text', version: 'int', ordinal: 'int', entry: 'text', message_id: 'uuid' },
  `insert into saga_timeline (type, id, version, ordinal, entry, message_id)
   select type, id, version, ordinal, entry, message_id from rows`,
);

interface TimerRow {
  message_id: string;
  handler: string;
  lane: string;
  type: string;
  source: string;
  due_at: string;
  envelope: object;
}

/** One row per instance: each step sets the same clock anew. */
const setTimer = defineWrite<TimerRow>(
  'road.set-saga-timer',
  {
    message_id: 'uuid',
    handler: 'text',
    lane: 'text',
    type: 'text',
    source: 'text',
    due_at: 'timestamptz',
    envelope: 'json',
  },
  `insert into inbox (message_id, handler, lane, type, source, due_at, envelope)
   select message_id, handler, lane, type, source, due_at, envelope from rows
   on conflict (message_id, handler) do update set due_at = excluded.due_at, envelope = excluded.envelope, position = null,
     done_at = null, outcome = null, attempts = 0, next_attempt_at = '-infinity', claim = null, claimed_until = '-infinity',
     parked_at = null, last_error = null`,
);

const stopTimer = defineWrite<{ message_id: string; handler: string }>(
  'road.stop-saga-timer',
  { message_id: 'uuid', handler: 'text' },
  `update inbox set done_at = clock_timestamp(), outcome = 'discarded' from rows
   where inbox.message_id = rows.message_id and inbox.handler = rows.handler and inbox.done_at is null`,
  { affects: 'any' },
);

interface TimerIdentity {
  context: string;
  handler: string;
  timer: CommandContract;
}

/** The tables of sagas, written through the unit of work of the message that moves them. */
export class SagaStore {
  constructor(
    private readonly type: string,
    private readonly timing: TimerIdentity,
  ) {}

  async load(tx: Transaction, id: string): Promise<StoredSaga | undefined> {
    const [row] = await tx.read<SagaRow>(
      `select id, definition_version, status, step, state, reason, timer_id, version from saga where type = $1 and id = $2`,
      [this.type, id],
    );
    if (!row) return undefined;
    const { definition_version: definitionVersion, timer_id: timerId, version, status, step, state, reason } = row;
    return {
      id,
      definitionVersion,
      timerId,
      version,
      instance: { status, step, state, ...(reason !== null && { reason }) },
    };
  }

  insert(
    tx: Transaction,
    identity: Pick<StoredSaga, 'id' | 'definitionVersion' | 'timerId'>,
    next: Advance<unknown>,
    causedBy: string,
  ): void {
    const saga = { ...identity, version: 1 };
    tx.write(insertSaga, this.row(saga, next));
    this.record(tx, saga, next, causedBy);
  }

  update(tx: Transaction, found: StoredSaga, next: Advance<unknown>, causedBy: string): void {
    // A timer that just fired is being completed in this very statement, so the next one is another row.
    const timerId = causedBy === found.timerId ? newId() : found.timerId;
    const saga = { ...found, version: found.version + 1, timerId };
    tx.write(updateSaga, this.row(saga, next));
    this.record(tx, saga, next, causedBy);
  }

  private record(tx: Transaction, saga: Omit<StoredSaga, 'instance'>, next: Advance<unknown>, causedBy: string): void {
    const { id, version, timerId } = saga;
    const entries = next.timeline.map((entry, ordinal) => ({
      type: this.type,
      id,
      version,
      ordinal,
      entry,
      message_id: causedBy,
    }));
    tx.write(appendTimeline, ...entries);
    const { handler, timer, context } = this.timing;
    if (next.patienceMs === undefined) {
      tx.write(stopTimer, { message_id: timerId, handler });
      return;
    }
    const dueAt = new Date(tx.now.getTime() + next.patienceMs);
    const { status, step } = next.instance;
    const envelope = { ...tx.compose({ contract: timer, data: { id, status, step } }, dueAt), id: timerId };
    tx.write(setTimer, {
      message_id: timerId,
      handler,
      lane: laneOf('', envelope),
      type: timer.type,
      source: context,
      due_at: dueAt.toISOString(),
      envelope,
    });
  }

  private row(
    { id, definitionVersion, timerId, version }: Omit<StoredSaga, 'instance'>,
    { instance }: Advance<unknown>,
  ): SagaRow & { type: string } {
    return {
      type: this.type,
      id,
      definition_version: definitionVersion,
      status: instance.status,
      step: instance.step,
      state: instance.state,
      reason: instance.reason ?? null,
      timer_id: timerId,
      version,
    };
  }
}
