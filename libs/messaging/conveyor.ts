import type { AnyContract } from './contract.js';
import type { Message } from './message.js';

/** Where a conveyor puts messages down: the durable queue of one reading context. */
export interface MessageSink {
  readonly context: string;
  /** What this context reads; a conveyor that must know where to look asks here. */
  readonly contracts: readonly Pick<AnyContract, 'kind' | 'context'>[];
  /** Whether this context reads any version of the message's contract. */
  reads(message: Message): boolean;
  /** Stores the messages durably and in order; what it already has is ignored. Resolves after the commit. */
  ingest(messages: readonly Message[]): Promise<void>;
}

/** Where a message stands in its outbox: the id of the transaction that told it, and its position. */
export interface Place {
  readonly xid: string;
  readonly position: number;
}

/** The last message of a source that a conveyor holds. */
export interface LastCarried {
  readonly messageId: string;
  readonly place: Place;
}

/** A message as its outbox keeps it: what it takes to address it, and the rest unopened. */
export interface Letter {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The whole envelope, as JSON. */
  readonly json: string;
  /** Left out by who carries by hand. */
  readonly place?: Place;
}

/** Fetches for a reader; run by whoever leads the reading context, so that one process at a time does. */
export interface Intake {
  lead(epoch: number): void;
  stepDown(): Promise<void>;
  /** Messages by where they come from that wait for this reader and are not in its inbox; asked in any process. */
  waiting(): Promise<Record<string, number>>;
}

/**
 * Moves messages from an outbox to the inboxes of their readers, at least once and in order, and does nothing else:
 * retries, ordering per key and deduplication are the inbox's, identical for every conveyor.
 */
export interface Conveyor {
  /** Of its kind. What one kind has carried another may not have delivered, so a change of kind carries again. */
  readonly name: string;
  /** Adds a reader. Called before the first batch is carried. A conveyor that must be emptied returns what does so. */
  connect(sink: MessageSink): Intake | void;
  /**
   * Resolves when the batch is durable behind this conveyor; throws when it may not be, and the caller finds out where to
   * begin again.
   *
   * @param places of the messages, in the same order; left out by who carries by hand
   */
  carry(batch: readonly Message[], places?: readonly Place[]): Promise<void>;
  /**
   * The same for a conveyor that has no need to read what it carries: then nobody parses it, and nobody writes it out again.
   * A relay carries by this one where there is one.
   */
  carryUnopened?(batch: readonly Letter[]): Promise<void>;
  /**
   * What this conveyor last has of a source. One that keeps messages in between may forget what it once confirmed, so a
   * relay asks before it begins and whenever told that the answer may no longer hold.
   *
   * @param doubt called when it is time to ask again
   * @returns 'nothing' when everything is to be carried again, undefined when a relay may trust its own cursor
   */
  lastCarried(source: string, doubt: () => void): Promise<LastCarried | 'nothing' | undefined>;
}
