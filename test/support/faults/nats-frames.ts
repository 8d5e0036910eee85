/** One message of the NATS protocol. */
export interface NatsFrame {
  /** `CONNECT`, `PUB`, `HPUB`, `MSG`, `HMSG`, `PING` … */
  verb: string;
  /** The words after the verb: subject, subscription, reply subject, sizes. */
  words: string[];
  /** Everything of it, first line, payload and line ends included. */
  bytes: Buffer;
}

/** Verbs that bring a payload; its size is the last word. */
const LOADED = new Set(['PUB', 'HPUB', 'MSG', 'HMSG']);
const LINE_END = Buffer.from('\r\n');

/**
 * Cuts the bytes of one direction into messages.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
export class NatsFrames {
  private rest: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): NatsFrame[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const frames: NatsFrame[] = [];
    for (;;) {
      const lineEnd = this.rest.indexOf(LINE_END);
      if (lineEnd < 0) return frames;
      const [verb = '', ...words] = this.rest.toString('utf8', 0, lineEnd).split(/\s+/);
      const payload = LOADED.has(verb.toUpperCase()) ? Number(words.at(-1)) + LINE_END.length : 0;
      const end = lineEnd + LINE_END.length + payload;
      if (this.rest.length < end) return frames;
      frames.push({ verb: verb.toUpperCase(), words, bytes: this.rest.subarray(0, end) });
      this.rest = this.rest.subarray(end);
    }
  }
}

/** The reply subject, by which JetStream knows which delivery an acknowledgement is for. */
const replyOf = ({ verb, words }: NatsFrame) => (verb === 'HMSG' ? words.length === 5 : words.length === 4) && words[2];

/** A message that a stream gives to a reader. */
export const isDelivery = (frame: NatsFrame): boolean =>
  /^H?MSG$/.test(frame.verb) && String(replyOf(frame)).startsWith('$JS.ACK.');

/** A reader's acknowledgement. */
export const isAck = ({ verb, words }: NatsFrame): boolean => /^H?PUB$/.test(verb) && words[0]!.startsWith('$JS.ACK.');

/** The broker's word that it has stored a message. */
export const isPubAck = ({ verb, bytes }: NatsFrame): boolean =>
  /^H?MSG$/.test(verb) && /\{"stream":"[^"]+", ?"seq":\d+/.test(bytes.toString('latin1', 0, 2_000));
