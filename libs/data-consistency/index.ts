export { crashPoint, hasTrap } from './crash-points/crash-point.js';
export { openCrashRoom, type CrashMode, type CrashOrder } from './crash-points/crash-room.js';
export { bigintAsNumber } from './database/bigint-as-number.js';
export { Database } from './database/database.js';
export { SharedRead, type SharedReadOptions } from './database/shared-read.js';
export { ConcurrencyError, isRetryable, isUnavailable, sqlState, violates } from './database/errors.js';
export { SturdyClient, UnreadableAnswer } from './database/sturdy-client.js';
export { AuditTrail, type AuditEntry, type OperatorAct } from './event-store/audit-trail.js';
export {
  EventStore,
  LOG_START,
  type Loaded,
  type LogPage,
  type LogPlace,
  type StoredEvent,
} from './event-store/event-store.js';
export { LogReader, type LogReaderOptions } from './event-store/log-reader.js';
export { goldenFaults, type GoldenSet } from './event-store/golden.js';
export {
  defineStream,
  type Fact,
  type FactOf,
  type StateOf,
  type Stream,
  type Upcaster,
} from './event-store/stream.js';
export { AlreadyDone, Idempotency, type IdempotentRequest, type RecordedRequest } from './idempotency/idempotency.js';
export { DEFAULT_BACKOFF_MS, DEFAULT_MAX_ATTEMPTS, type MessageHandler } from './inbox/handler.js';
export type { HandledMessage, Outcome } from './inbox/inbox-worker.js';
export { InvalidToken, consistencyToken, withConsistency } from './projections/consistency.js';
export type { Checksum } from './projections/checksum.js';
export { defineProjection, type Projection, type ReadModelRow } from './projections/projection.js';
export { Projector, type GenerationState, type ProjectorOptions } from './projections/projector.js';
export { sandboxStatements, type LogWindow, type SandboxPlan, type WindowEnd } from './projections/sandbox.js';
export { ReadModels, StaleRead } from './projections/read-models.js';
export type { Horizon, HorizonHolder } from './outbox/horizon.js';
export type { ExpiringTable } from './road/housekeeping.js';
export { Operations, type Backlog, type MessageState, type MessageSummary } from './road/operations.js';
export { Road, type RoadOptions } from './road/road.js';
export { roadMigrations } from './road/road-migrations.js';
export { advance, begin, type Advance, type SagaInput, type SagaInstance, type SagaStatus } from './saga/advance.js';
export {
  DEFAULT_STUCK_AFTER,
  defineSaga,
  eventsOf,
  on,
  type Reaction,
  type Saga,
  type Step,
} from './saga/define-saga.js';
export { NoSuchStep, fork, type Fork, type ForkedMessage, type ForkRequest, type RecordedInput } from './saga/fork.js';
export {
  InputsForgotten,
  SagaOperations,
  type SagaDetails,
  type SagaFilter,
  type SagaSummary,
} from './saga/saga-operations.js';
export { SagaRunner, VersionGone, timerContract, type Resumed, type StuckSaga } from './saga/saga-runner.js';
export type { Happening, TimelineEntry, TimelineLine } from './saga/timeline.js';
export type { SendOptions, Transaction } from './unit-of-work/transaction.js';
export { UnitOfWork } from './unit-of-work/unit-of-work.js';
export { defineWrite, type Affects, type Write, type WriteOptions } from './unit-of-work/write.js';
