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
export type { Conveyor, MessageSink } from './conveyor.js';
export {
  Answers,
  Handles,
  answerersOf,
  handlersOf,
  type AnswererDeclaration,
  type HandlerDeclaration,
  type HandlerOptions,
} from './handles.js';
export { newId } from './ids.js';
export { InProcessConveyor } from './in-process-conveyor.js';
export { parseType, seal, type Circumstances, type Message, type PrincipalContext } from './message.js';
export { Queries, type QueriesOptions } from './queries.js';
export { QueryFailed, QueryTimeout, QueryUnanswered } from './query-errors.js';
export { defineQuery, type AnyQuery, type InputOf, type OutputOf, type QueryContract } from './query.js';
