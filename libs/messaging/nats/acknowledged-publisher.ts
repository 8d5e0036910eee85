import { JetStreamApiError, type ApiError, type PubAck } from '@nats-io/jetstream';
import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { ReplyInbox, nobodyListens } from './reply-inbox.js';

export interface Publication {
  subject: string;
  payload: Uint8Array;
  headers: MsgHdrs;
}

export interface Published {
  /** By publication; what has none was not asked for one, was refused, or was not sent any more after a refusal. */
  acks: (PubAck | undefined)[];
  refusals: Error[];
}

interface Batch {
  publications: readonly Publication[];
  every: number;
  published: Published;
  next: number;
  /** Numbers of those under way. */
  open: Set<number>;
  /** Runs out when nothing is acknowledged any more. */
  silence: NodeJS.Timeout;
  done: () => void;
}

/**
 * Publishes to JetStream with many messages under way: all acknowledgements come to one subscription, and a message is
 * known by the number at the end of its reply subject. No promise and no timer per message, which is most of what
 * `js.publish` costs (measured 2.2 against 12.4 µs of CPU a message).
 *
 * One batch at a time.
 */
export class AcknowledgedPublisher {
  private readonly inbox: ReplyInbox;
  private batch?: Batch;
  /** Numbers go on from batch to batch, so that a late acknowledgement is never taken for another's. */
  private first = 0;

  /**
   * @param inFlight messages under way at the same time
   * @param answerMs silence after which a batch is given up
   */
  constructor(
    private readonly connection: NatsConnection,
    private readonly inFlight: number,
    private readonly answerMs: number,
  ) {
    this.inbox = new ReplyInbox(connection, (token, reply) => this.answered(Number(token), reply));
  }

  /**
   * Sends in order; stops sending at the first refusal and resolves when what was under way is answered.
   *
   * @param every asks for an acknowledgement of every so manieth message, and of the last; default each
   */
  async publish(publications: readonly Publication[], every = 1): Promise<Published> {
    const published: Published = { acks: publications.map(() => undefined), refusals: [] };
    if (publications.length === 0) return published;
    const { promise: answered, resolve: done } = Promise.withResolvers<void>();
    const silence = setTimeout(() => this.giveUp(batch), this.answerMs);
    const batch: Batch = { publications, every, published, next: 0, open: new Set(), silence, done };
    this.batch = batch;
    this.send(batch);
    await answered;
    clearTimeout(silence);
    this.batch = undefined;
    this.first += publications.length;
    return published;
  }

  private send(batch: Batch): void {
    const { publications, every, published, open } = batch;
    const last = publications.length - 1;
    while (open.size * every < this.inFlight && batch.next <= last && published.refusals.length === 0) {
      const index = batch.next;
      const { subject, payload, headers } = publications[index]!;
      const asks = index === last || (index + 1) % every === 0;
      try {
        const reply = asks ? this.inbox.subjectOf(this.first + index) : undefined;
        this.connection.publish(subject, payload, { headers, ...(reply !== undefined && { reply }) });
        if (asks) open.add(index);
        batch.next += 1;
      } catch (error) {
        published.refusals.push(error as Error);
      }
    }
    if (open.size === 0) batch.done();
  }

  private answered(number: number, reply: Msg): void {
    const { batch } = this;
    const index = number - this.first;
    if (!batch?.open.delete(index)) return; // said twice, or of a batch that was given up
    batch.silence.refresh();
    const outcome = outcomeIn(reply);
    if (outcome instanceof Error) batch.published.refusals.push(outcome);
    else batch.published.acks[index] = outcome;
    this.send(batch);
  }

  private giveUp(batch: Batch): void {
    const seconds = this.answerMs / 1_000;
    batch.published.refusals.push(
      new Error(`JetStream did not acknowledge ${batch.open.size} messages within ${seconds} s`),
    );
    batch.done();
  }
}

function outcomeIn(reply: Msg): PubAck | Error {
  if (nobodyListens(reply)) {
    return new Error(`Nobody keeps what is published here: the stream is gone, or JetStream is not ready`);
  }
  const answer = reply.json<PubAck & { error?: ApiError }>();
  if (answer.error) return new JetStreamApiError(answer.error);
  return { ...answer, duplicate: answer.duplicate ?? false };
}
