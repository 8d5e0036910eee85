import { JetStreamApiCodes, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { LastCarried, Place } from '../conveyor.js';
import type { Message } from '../message.js';
import type { AcknowledgedPublisher, Publication } from './acknowledged-publisher.js';
import { isApiError, orUndefined, provisionStream } from './streams.js';
import { streamOf, subjectOf } from './subjects.js';
import { placeIn, toWire } from './wire-message.js';

export interface StreamWriterOptions {
  source: string;
  publisher: AcknowledgedPublisher;
  jsm: JetStreamManager;
  isCommand: (message: Message) => boolean;
  replicas: number;
}

/** Somebody else wrote to the stream: the writer that meets this is not the only one, or not the newest. */
export class StaleWriter extends Error {
  override readonly name = 'StaleWriter';
}

interface Entry {
  message: Message;
  place: Place | undefined;
}

/**
 * The one writer of a context's stream. Each message names the sequence it must follow, so a batch under way cannot be
 * torn: when one message is refused, so is all that comes after it, and a writer that was overtaken writes nothing more.
 */
export class StreamWriter {
  /** The sequence that the next message must follow; undefined until the stream was surveyed. */
  private lastSequence?: number;
  private created?: string;
  private busy = false;
  private readonly owners = new Set<string>();

  constructor(private readonly options: StreamWriterOptions) {}

  /** What was known of the stream no longer holds. */
  forget(): void {
    this.lastSequence = undefined;
  }

  /** Makes the stream if need be and tells what it ends with. */
  async survey(): Promise<LastCarried | 'nothing'> {
    this.forget();
    const { created, state } = await this.provision();
    const last = state.messages > 0 ? await this.messageAt(state.last_seq) : undefined;
    this.created = created;
    this.lastSequence = state.last_seq;
    return last ?? 'nothing';
  }

  /** Whether the stream is still as this writer left it; true while it is writing. */
  async isAsLeft(): Promise<boolean> {
    const expected = this.lastSequence;
    if (expected === undefined || this.busy) return true;
    const info = await orUndefined(
      this.options.jsm.streams.info(streamOf(this.options.source)),
      JetStreamApiCodes.StreamNotFound,
    );
    if (this.busy || this.lastSequence !== expected) return true;
    return info !== undefined && info.created === this.created && info.state.last_seq === expected;
  }

  /**
   * @throws StaleWriter when somebody else wrote; any other error leaves open what was stored. Then survey again.
   */
  async write(batch: readonly Message[], places: readonly Place[] | undefined): Promise<void> {
    if (this.lastSequence === undefined) {
      if (places) throw new Error(`What ${streamOf(this.options.source)} ends with is not known yet`);
      await this.survey(); // by hand: whatever it ends with
    }
    this.busy = true;
    try {
      await this.makeRoomFor(batch);
      let rest: Entry[] = batch.map((message, index) => ({ message, place: places?.[index] }));
      while (rest.length > 0) rest = await this.publish(rest);
    } catch (error) {
      this.forget();
      throw error;
    } finally {
      this.busy = false;
    }
  }

  /**
   * Publishes pipelined. A duplicate takes no sequence, so what follows one is refused for having counted on it.
   *
   * @returns the refused, to be published again
   */
  private async publish(entries: readonly Entry[]): Promise<Entry[]> {
    const base = this.lastSequence!;
    const { acks, refusals } = await this.options.publisher.publish(
      entries.map((entry, index) => this.publication(entry, base + index)),
    );
    const stored = acks.filter((ack) => ack && !ack.duplicate).map((ack) => ack!.seq);
    this.lastSequence = Math.max(base, ...stored);
    const other = refusals.find((error) => !isApiError(error, JetStreamApiCodes.StreamWrongLastSequence));
    if (other) throw other;
    const missing = entries.filter((_, index) => !acks[index]);
    const duplicates = acks.some((ack) => ack?.duplicate);
    if (missing.length > 0 && !duplicates) {
      throw new StaleWriter(
        `${streamOf(this.options.source)} no longer ends with sequence ${base}: somebody else wrote`,
      );
    }
    return missing;
  }

  private publication({ message, place }: Entry, lastSequence: number): Publication {
    const { source, isCommand } = this.options;
    const subject = subjectOf(message, isCommand(message));
    return { subject, ...toWire(message, place, { stream: streamOf(source), lastSequence }) };
  }

  /** The stream must know whom its context commands: readers find it by that. */
  private async makeRoomFor(batch: readonly Message[]): Promise<void> {
    const before = this.owners.size;
    for (const message of batch) {
      if (this.options.isCommand(message)) this.owners.add(message.type.slice(0, message.type.indexOf('.')));
    }
    if (this.owners.size > before) await this.provision();
  }

  private provision(): Promise<StreamInfo> {
    const { jsm, source, replicas } = this.options;
    return provisionStream(jsm, { context: source, owners: [...this.owners], replicas });
  }

  private async messageAt(seq: number): Promise<LastCarried | undefined> {
    const { jsm, source } = this.options;
    const stored = await orUndefined(
      jsm.streams.getMessage(streamOf(source), { seq }),
      JetStreamApiCodes.NoMessageFound,
    );
    const place = placeIn(stored?.header);
    const messageId = stored?.header.get('Nats-Msg-Id');
    return place && messageId ? { place, messageId } : undefined;
  }
}
