import { newId, type CommandContract } from '@holdfast/messaging';
import type { QueryResultRow } from 'pg';
import { laneOf } from '../inbox/inbox.js';
import type { Transaction } from '../unit-of-work/transaction.js';
import type { Advance, SagaInstance, SagaStatus } from './advance.js';
import { appendTimeline, insertSaga, setTimer, stopTimer, updateSaga, type SagaRow } from './saga-writes.js';

/** An instance with what identifies it. */
export interface StoredSaga {
  id: string;
  definitionVersion: number;
  version: number;
  timerId: string;
  instance: SagaInstance;
}

interface FoundRow extends QueryResultRow {
  id: string;
  definition_version: number;
  status: SagaStatus;
  step: number;
  state: unknown;
  reason: string | null;
  asks: number;
  stuck: boolean;
  timer_id: string;
  version: number;
}

interface TimerIdentity {
  context: string;
  handler: string;
  timer: CommandContract;
}

/** What a move goes back to and leads to, by message id. */
export interface MoveMessages {
  /** The message that moved the instance; an operator's wish has none. */
  causedBy?: string;
  /** The id of a message that this move sends. */
  idOf: (sent: Advance<unknown>['send'][number]) => string | undefined;
}

/** The tables of sagas, written through the unit of work of the message that moves them. */
export class SagaStore {
  constructor(
    private readonly type: string,
    private readonly timing: TimerIdentity,
  ) {}

  async load(tx: Transaction, id: string): Promise<StoredSaga | undefined> {
    const [row] = await tx.read<FoundRow>(
      `select id, definition_version, status, step, state, reason, asks, stuck_at is not null as stuck, timer_id, version
       from saga where type = $1 and id = $2`,
      [this.type, id],
    );
    if (!row) return undefined;
    const { definition_version: definitionVersion, timer_id: timerId, version, reason } = row;
    const { status, step, state, asks, stuck } = row;
    const instance = { status, step, state, asks, stuck, ...(reason !== null && { reason }) };
    return { id, definitionVersion, timerId, version, instance };
  }

  insert(
    tx: Transaction,
    identity: Pick<StoredSaga, 'id' | 'definitionVersion' | 'timerId'>,
    next: Advance<unknown>,
    messages: MoveMessages,
  ): void {
    const saga = { ...identity, version: 1 };
    tx.write(insertSaga, this.row(saga, next));
    this.record(tx, saga, next, messages);
  }

  update(tx: Transaction, found: StoredSaga, next: Advance<unknown>, messages: MoveMessages): void {
    // A timer that just fired is being completed in this very statement, so the next one is another row.
    const timerId = messages.causedBy === found.timerId ? newId() : found.timerId;
    const saga = { ...found, version: found.version + 1, timerId };
    tx.write(updateSaga, this.row(saga, next));
    this.record(tx, saga, next, messages);
  }

  private record(
    tx: Transaction,
    { id, version, timerId }: Omit<StoredSaga, 'instance'>,
    next: Advance<unknown>,
    { causedBy, idOf }: MoveMessages,
  ): void {
    const entries = next.timeline.map(({ what, step = null, detail = null, asks }, ordinal) => ({
      type: this.type,
      id,
      version,
      ordinal,
      what,
      step,
      detail,
      message_id: (asks ? idOf(asks) : causedBy) ?? null,
    }));
    tx.write(appendTimeline, ...entries);
    const { handler, timer, context } = this.timing;
    if (next.patienceMs === undefined) {
      tx.write(stopTimer, { message_id: timerId, handler });
      return;
    }
    const { status, step } = next.instance;
    const about = new Date(tx.now.getTime() + next.patienceMs); // for people; what counts is the database's clock
    const envelope = { ...tx.compose({ contract: timer, data: { id, status, step } }, about), id: timerId };
    tx.write(setTimer, {
      message_id: timerId,
      handler,
      lane: laneOf('', envelope),
      type: timer.type,
      source: context,
      patience_ms: next.patienceMs,
      envelope,
    });
  }

  private row(
    { id, definitionVersion, timerId, version }: Omit<StoredSaga, 'instance'>,
    { instance }: Advance<unknown>,
  ): SagaRow {
    const { status, step, state, reason = null, asks, stuck } = instance;
    return {
      type: this.type,
      id,
      definition_version: definitionVersion,
      status,
      step,
      state,
      reason,
      asks,
      stuck,
      timer_id: timerId,
      version,
    };
  }
}
