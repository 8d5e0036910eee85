import type { Message } from './message.js';

/** Where a conveyor puts messages down: the durable queue of one reading context. */
export interface MessageSink {
  readonly context: string;
  /** Whether this context reads any version of the message's contract. */
  reads(message: Message): boolean;
  /** Stores the messages durably and in order; what it already has is ignored. Resolves after the commit. */
  ingest(messages: readonly Message[]): Promise<void>;
}

/**
 * Moves messages from an outbox to the inboxes of their readers, at least once and in order, and does nothing else:
 * retries, ordering per key and deduplication are the inbox's, identical for every conveyor.
 */
export interface Conveyor {
  /** Adds a reader. Called before the first batch is carried. */
  connect(sink: MessageSink): void;
  /** Resolves when every reader has the batch durably; throws when one could not take it, and the caller carries it again. */
  carry(batch: readonly Message[]): Promise<void>;
}
