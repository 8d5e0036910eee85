import { JetStreamApiCodes, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { LastCarried, Letter } from '../conveyor.js';
import type { AcknowledgedPublisher, Publication, Published } from './acknowledged-publisher.js';
import { isApiError, orUndefined, provisionStream } from './streams.js';
import { streamOf, subjectOf } from './subjects.js';
import { placeIn, toWire } from './wire-message.js';

export interface StreamWriterOptions {
  source: string;
  publisher: AcknowledgedPublisher;
  jsm: JetStreamManager;
  isCommand: (letter: Letter) => boolean;
  /** Whom this context is known to command: readers find the stream by that, before anything is in it. */
  owners: readonly string[];
  replicas: number;
}

/** Somebody else wrote to the stream: the writer that meets this is not the only one, or not the newest. */
export class StaleWriter extends Error {
  override readonly name = 'StaleWriter';
}

/** Messages from one acknowledgement to the next, as long as nothing is out of the ordinary. */
const ACKNOWLEDGED_EVERY = 64;

/**
 * The one writer of a context's stream. Each message names the sequence it must follow, and the message, if that is of the
 * same batch. So a batch under way cannot be torn: when one message is refused, so is all that comes after it, whatever
 * somebody else wrote in between, and a writer that was overtaken writes nothing more.
 */
export class StreamWriter {
  /** The sequence that the next message must follow; undefined until the stream was surveyed. */
  private lastSequence?: number;
  private created?: string;
  private busy = false;
  private readonly owners: Set<string>;

  constructor(private readonly options: StreamWriterOptions) {
    this.owners = new Set(options.owners);
  }

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
  async write(batch: readonly Letter[]): Promise<void> {
    if (this.lastSequence === undefined) {
      if (batch[0]?.place) throw notKnown(this.options.source);
      await this.survey(); // by hand: whatever it ends with
    }
    this.busy = true;
    try {
      await this.makeRoomFor(batch);
      // The connection may have been lost meanwhile: what a message would name to follow is then no longer known.
      if (this.lastSequence === undefined) throw notKnown(this.options.source);
      let rest = await this.publishTogether(batch);
      while (rest.length > 0) rest = await this.publishEach(rest);
    } catch (error) {
      this.forget();
      throw error;
    } finally {
      this.busy = false;
    }
  }

  /**
   * Publishes pipelined and asks for few acknowledgements: a message that was stored under the sequence it counted on proves
   * that all before it were.
   *
   * @returns those after the last that is proven, to be published with an acknowledgement each
   */
  private async publishTogether(letters: readonly Letter[]): Promise<readonly Letter[]> {
    const base = this.lastSequence!;
    const { acks } = await this.send(letters, ACKNOWLEDGED_EVERY);
    const proven = acks.findLastIndex((ack, index) => ack && !ack.duplicate && ack.seq === base + index + 1) + 1;
    this.lastSequence = base + proven;
    return letters.slice(proven);
  }

  /**
   * Publishes pipelined. A duplicate takes no sequence, so what follows one is refused for having counted on it.
   *
   * @returns the refused, to be published again
   */
  private async publishEach(letters: readonly Letter[]): Promise<readonly Letter[]> {
    const base = this.lastSequence!;
    const { acks } = await this.send(letters, 1);
    this.lastSequence = acks.reduce((last, ack) => Math.max(last, ack?.seq ?? 0), base);
    const missing = letters.filter((_, index) => !acks[index]);
    const duplicates = acks.some((ack) => ack?.duplicate);
    if (missing.length > 0 && !duplicates) {
      throw new StaleWriter(
        `${streamOf(this.options.source)} no longer ends with sequence ${base}: somebody else wrote`,
      );
    }
    return missing;
  }

  /** @throws what a message was refused for, unless for what it should have followed */
  private async send(letters: readonly Letter[], acknowledgedEvery: number): Promise<Published> {
    const base = this.lastSequence!;
    const publications = letters.map((letter, index) => this.publication(letter, base + index, letters[index - 1]));
    const published = await this.options.publisher.publish(publications, acknowledgedEvery);
    const other = published.refusals.find((error) => !followsAnother(error));
    if (other) throw other;
    return published;
  }

  private publication(letter: Letter, lastSequence: number, before: Letter | undefined): Publication {
    const { source, isCommand } = this.options;
    const subject = subjectOf(letter, isCommand(letter));
    const position = { stream: streamOf(source), lastSequence, ...(before && { lastId: before.id }) };
    return { subject, ...toWire(letter, position) };
  }

  /** The stream must know whom its context commands, also one that nobody had said. */
  private async makeRoomFor(batch: readonly Letter[]): Promise<void> {
    const before = this.owners.size;
    for (const letter of batch) {
      if (this.options.isCommand(letter)) this.owners.add(letter.type.slice(0, letter.type.indexOf('.')));
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

function notKnown(source: string): Error {
  return new Error(`What ${streamOf(source)} ends with is not known yet`);
}

const WRONG_LAST_MESSAGE = 10070;

/** Whether a message was refused because the stream does not end where it should. */
function followsAnother(error: Error): boolean {
  return isApiError(error, JetStreamApiCodes.StreamWrongLastSequence) || isApiError(error, WRONG_LAST_MESSAGE);
}
