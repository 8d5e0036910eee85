import { defineWrite } from '../unit-of-work/write.js';

export interface SagaRow {
  type: string;
  id: string;
  definition_version: number;
  status: string;
  step: number;
  state: unknown;
  reason: string | null;
  asks: number;
  stuck: boolean;
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
  asks: 'int',
  stuck: 'boolean',
  timer_id: 'uuid',
  version: 'int',
};

export const insertSaga = defineWrite<SagaRow>(
  'road.insert-saga',
  SAGA_COLUMNS,
  `insert into saga (type, id, definition_version, status, step, state, reason, asks, timer_id, version)
   select type, id, definition_version, status, step, state, reason, asks, timer_id, version from rows`,
);

export const updateSaga = defineWrite<SagaRow>(
  'road.update-saga',
  SAGA_COLUMNS,
  `update saga set status = rows.status, step = rows.step, state = rows.state, reason = rows.reason, asks = rows.asks,
          stuck_at = case when rows.stuck then coalesce(saga.stuck_at, clock_timestamp()) end,
          timer_id = rows.timer_id, version = rows.version, updated_at = clock_timestamp()
   from rows where saga.type = rows.type and saga.id = rows.id and saga.version = rows.version - 1`,
);

interface TimelineRow {
  type: string;
  id: string;
  version: number;
  ordinal: number;
  what: string;
  step: string | null;
  detail: string | null;
  message_id: string | null;
}

export const appendTimeline = defineWrite<TimelineRow>(
  'road.append-saga-timeline',
  {
    type: 'text',
    id: 'text',
    version: 'int',
    ordinal: 'int',
    what: 'text',
    step: 'text',
    detail: 'text',
    message_id: 'uuid',
  },
  `insert into saga_timeline (type, id, version, ordinal, what, step, detail, message_id)
   select type, id, version, ordinal, what, step, detail, message_id from rows`,
);

interface TimerRow {
  message_id: string;
  handler: string;
  lane: string;
  type: string;
  source: string;
  /** Until it falls due, milliseconds from the commit on: by the clock of the database, whatever the clocks of processes say. */
  patience_ms: number;
  envelope: object;
}

/** One row per instance: each step sets the same clock anew. */
export const setTimer = defineWrite<TimerRow>(
  'road.set-saga-timer',
  {
    message_id: 'uuid',
    handler: 'text',
    lane: 'text',
    type: 'text',
    source: 'text',
    patience_ms: 'float8',
    envelope: 'json',
  },
  `insert into inbox (message_id, handler, lane, type, source, due_at, envelope)
   select message_id, handler, lane, type, source, clock_timestamp() + make_interval(secs => patience_ms / 1000), envelope from rows
   on conflict (message_id, handler) do update set due_at = excluded.due_at, envelope = excluded.envelope, position = null,
     done_at = null, outcome = null, attempts = 0, not_here = 0, next_attempt_at = '-infinity', claim = null,
     claimed_until = '-infinity', parked_at = null, last_error = null`,
);

export const stopTimer = defineWrite<{ message_id: string; handler: string }>(
  'road.stop-saga-timer',
  { message_id: 'uuid', handler: 'text' },
  `update inbox set done_at = clock_timestamp(), outcome = 'discarded' from rows
   where inbox.message_id = rows.message_id and inbox.handler = rows.handler and inbox.done_at is null`,
  { affects: 'any' },
);
