export * from './building-blocks.js';
export {
  defineCommand,
  defineEvent,
  type AnyContract,
  type CommandContract,
  type DataOf,
  type EventContract,
  type MessageContract,
  type Outgoing,
} from './contract.js';
export { ContractViolation, type Violation } from './contract-violation.js';
export type { Conveyor, Intake, LastCarried, Letter, MessageSink, Place } from './conveyor.js';
export {
  Answers,
  Handles,
  PATIENT,
  answerersOf,
  handlersOf,
  type AnswererDeclaration,
  type HandlerDeclaration,
  type HandlerOptions,
} from './handles.js';
export { drawIdsFrom, newId } from './ids.js';
export { InProcessConveyor } from './in-process-conveyor.js';
export { ConnectionWatch, type ConnectionState } from './nats/connection-watch.js';
export { connectNats, type NatsAddress } from './nats/connect-nats.js';
export {
  REGISTRY_BUCKET,
  inboxOf,
  natsPermissions,
  type NatsNeeds,
  type NatsPermissions,
  type NatsUser,
} from './nats/permissions.js';
export { natsServerConfig, type NatsServerOptions, type NatsServerUser } from './nats/server-config.js';
export { NatsQueries, type NatsQueriesOptions, type QueryTravel } from './nats/nats-queries.js';
export { NatsQueryClient } from './nats/query-client.js';
export { NatsQueryServer, QueryRpcContext } from './nats/query-server.js';
export type { QueryCircumstances } from './nats/query-wire.js';
export { JetStreamConveyor, type JetStreamConveyorOptions } from './nats/jet-stream-conveyor.js';
export { isStorable, parseType, seal, type Circumstances, type Message, type PrincipalContext } from './message.js';
export { Queries, type QueriesOptions } from './queries.js';
export { QueryFailed, QueryTimeout, QueryUnanswered } from './query-errors.js';
export { defineQuery, type AnyQuery, type InputOf, type OutputOf, type QueryContract } from './query.js';
