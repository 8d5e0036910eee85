import {
  AckPolicy,
  DeliverPolicy,
  JetStreamApiCodes,
  type ConsumerInfo,
  type ConsumerMessages,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { MessageSink } from '../conveyor.js';
import type { Message } from '../message.js';
import { orUndefined } from './streams.js';
import { contextOfStream } from './subjects.js';
import { fromWire } from './wire-message.js';

export interface IntakeSessionOptions {
  js: JetStreamClient;
  jsm: JetStreamManager;
  sink: MessageSink;
  stream: string;
  /** Told what was skipped because no inbox could take it. */
  skipped: (what: string) => void;
}

const BATCH = 500;
/**
 * Bytes ingested together, unless one message alone is more: a batch becomes one JSON text, and 500 messages as large as
 * they may be would make one longer than V8 can hold. The session would end and the next fetch the same 500, for ever.
 */
const BATCH_BYTES = 16 * 1024 * 1024;
const UNACKED_AT_MOST = 5_000;
/** Never within a session: what was not acknowledged is fetched again by the next one, in order. */
const ACK_WAIT_MS = 3_600_000;
/** Soon at first, when what was before may still be about, and then less and less often. */
const INSPECTED_AFTER_MS = 1_000;
const INSPECTED_EVERY_MS = 10_000;

const BROKEN = new Set([
  'heartbeats_missed',
  'consumer_deleted',
  'consumer_not_found',
  'stream_not_found',
  'no_responders',
]);

/**
 * Reads one stream into one inbox, in order and without a hole, and acknowledges what the inbox has committed. It ends at
 * the first doubt; the next session begins after the last acknowledgement.
 *
 * JetStream itself keeps no order once anything was left unacknowledged: it goes on with new messages and brings the old
 * ones after `ack_wait`, when acknowledging a new one has already covered them (AckPolicy.All). So a session never lets it
 * come to that: it makes the consumer anew when something is pending, and takes a message only if it follows the one before.
 */
export class IntakeSession {
  private readonly arrived: JsMsg[] = [];
  private wake?: () => void;
  private over?: string;
  /** Sequence that was taken last; a message must follow it. */
  private taken = 0;
  private acknowledged = 0;
  /** Delivery that was taken last, counted by the consumer. */
  private delivered = 0;
  /** What the server says it has delivered and nobody here has seen. */
  private missed = 0;
  /** Where the server's account of acknowledgements stood when it was last found to be behind ours. */
  private behind?: number | undefined;
  /** Whether anything was acknowledged here. */
  progressed = false;
  private messages?: ConsumerMessages;
  private inspection?: NodeJS.Timeout;

  constructor(private readonly options: IntakeSessionOptions) {}

  /** Runs until something is wrong or {@link end} is called; then resolves with why. @throws when the inbox refuses. */
  async run(): Promise<string> {
    const { js, sink, stream } = this.options;
    this.taken = this.acknowledged = await this.openConsumer();
    const consumer = await js.consumers.get(stream, sink.context);
    if (this.over !== undefined) return this.over;
    this.messages = await consumer.consume({
      max_messages: BATCH,
      expires: 30_000,
      idle_heartbeat: 5_000,
      callback: (message) => this.take(message),
    });
    void this.watch(this.messages);
    this.inspectAfter(INSPECTED_AFTER_MS);
    try {
      while (this.over === undefined) await this.ingestNext();
      return this.over;
    } finally {
      this.end('the inbox refused'); // unless it is over already: what is still under way ends with it
      clearTimeout(this.inspection);
      this.messages.stop();
    }
  }

  end(why: string): void {
    this.over ??= why;
    this.wake?.();
  }

  /** The sequence after which this session begins. */
  private async openConsumer(): Promise<number> {
    const { jsm, sink, stream } = this.options;
    const known = await this.info();
    const { state } = await jsm.streams.info(stream);
    const floor = known && known.ack_floor.stream_seq <= state.last_seq ? known.ack_floor.stream_seq : 0;
    const isAtRest = floor === known?.delivered.stream_seq && known.num_ack_pending === 0;
    // Somebody waits: a former reader, whose connection the server has not seen the end of. It would be given messages.
    if (isAtRest && known.num_waiting === 0) return floor;
    if (known) await jsm.consumers.delete(stream, sink.context);
    await jsm.consumers.add(stream, {
      durable_name: sink.context,
      ack_policy: AckPolicy.All,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: floor + 1,
      max_ack_pending: UNACKED_AT_MOST,
      ack_wait: nanos(ACK_WAIT_MS),
    });
    return floor;
  }

  private info(): Promise<ConsumerInfo | undefined> {
    const { jsm, sink, stream } = this.options;
    return orUndefined(jsm.consumers.info(stream, sink.context), JetStreamApiCodes.ConsumerNotFound);
  }

  /**
   * The first message of a consumer is always right: it was made to begin where everything is acknowledged, whoever made it.
   * Any other must follow its elder.
   */
  private take(message: JsMsg): void {
    if (this.over !== undefined) return;
    const { deliverySequence, deliveryCount, streamSequence } = message.info;
    const first = deliverySequence === 1 && deliveryCount === 1;
    if (!first && streamSequence !== this.taken + 1) {
      if (deliverySequence <= this.delivered) return; // a copy made on the way
      return this.end(`message ${streamSequence} came after ${this.taken}`);
    }
    this.taken = streamSequence;
    this.delivered = deliverySequence;
    this.arrived.push(message);
    this.wake?.();
  }

  private async ingestNext(): Promise<void> {
    if (this.arrived.length === 0) return new Promise((resolve) => (this.wake = resolve));
    const batch = this.arrived.splice(0, this.together());
    const wanted = batch.flatMap((message) => this.read(message));
    if (wanted.length > 0) await this.options.sink.ingest(wanted);
    const last = batch.at(-1)!;
    last.ack();
    this.acknowledged = last.seq;
    this.progressed = true;
  }

  /** How many of those that have arrived make a batch. */
  private together(): number {
    const most = Math.min(this.arrived.length, BATCH);
    let count = 0;
    let bytes = 0;
    do bytes += this.arrived[count++]!.data.length;
    while (count < most && bytes + this.arrived[count]!.data.length <= BATCH_BYTES);
    return count;
  }

  private read(message: JsMsg): Message[] {
    const { sink, stream, skipped } = this.options;
    const read = fromWire(message.string(), contextOfStream(stream));
    if (typeof read !== 'string') return sink.reads(read) ? [read] : [];
    skipped(`${stream} ${message.seq} (${message.subject}): ${read}`);
    return [];
  }

  private async watch(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) if (BROKEN.has(type)) this.end(type.replaceAll('_', ' '));
    this.end('the consumer ended');
  }

  private inspectAfter(ms: number): void {
    this.inspection = setTimeout(async () => {
      const next = (await this.inspect()) === 'in doubt' ? INSPECTED_AFTER_MS : Math.min(ms * 2, INSPECTED_EVERY_MS);
      if (this.over === undefined) this.inspectAfter(next);
    }, ms).unref();
  }

  /**
   * An acknowledgement can go astray, and so can a delivery: to a connection that is gone and that the server still knows, or
   * on the way. Then the server's account differs from ours, and goes on doing so.
   */
  private async inspect(): Promise<'in doubt' | undefined> {
    const { acknowledged, taken, missed } = this;
    if (acknowledged !== taken) return;
    try {
      const info = await this.info();
      if (this.taken !== taken || this.over !== undefined) return;
      if (!info) return void this.end('the consumer is gone');
      const floor = info.ack_floor.stream_seq;
      if (floor < acknowledged) {
        if (floor === this.behind) return void this.end('an acknowledgement went astray');
        this.behind = floor; // or it is on its way
        return 'in doubt';
      }
      this.behind = undefined;
      const delivered = info.delivered.stream_seq;
      if (delivered <= taken) return void (this.missed = 0);
      if (delivered === missed) return void this.end('a delivery went astray');
      this.missed = delivered; // or it is on its way
      return 'in doubt';
    } catch {
      this.end('the broker does not answer');
    }
  }
}
