/** A message of the PostgreSQL protocol: `type` is '' for those that open a connection, which have none. */
export interface Frame {
  type: string;
  /** Everything of it, type and length included. */
  bytes: Buffer;
}

/**
 * Cuts the bytes of one direction into messages.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export class Frames {
  private rest: Buffer = Buffer.alloc(0);

  /** @param opening whether the first message has no type, as a client's has none */
  constructor(private opening: boolean) {}

  take(chunk: Buffer): Frame[] {
    this.rest = Buffer.concat([this.rest, chunk]);
    const frames: Frame[] = [];
    for (;;) {
      const head = this.opening ? 0 : 1;
      if (this.rest.length < head + 4) return frames;
      const end = head + this.rest.readUInt32BE(head);
      if (this.rest.length < end) return frames;
      const type = this.opening ? '' : String.fromCharCode(this.rest[0]!);
      frames.push({ type, bytes: this.rest.subarray(0, end) });
      this.rest = this.rest.subarray(end);
      this.opening = false;
    }
  }
}

/** The texts between zero bytes from `start` on: names and SQL. */
export function textsOf({ bytes }: Frame, start: number): string[] {
  return bytes.subarray(start).toString('utf8').split('\0');
}

/** Who opens the connection, from its first message. */
export function userOf(startup: Frame): string {
  const texts = textsOf(startup, 8);
  return texts[texts.indexOf('user') + 1] ?? '';
}

/** What a client asks for on one connection, also by the names of statements prepared earlier. */
export class Asked {
  private readonly prepared = new Map<string, string>();
  private current = '';
  /** Texts of statements whose answer is not complete yet, the oldest first. */
  readonly open: string[] = [];

  note(frame: Frame): void {
    if (frame.type === 'Q') this.open.push(textsOf(frame, 5)[0]!);
    if (frame.type === 'P') this.prepared.set(...(textsOf(frame, 5).slice(0, 2) as [string, string]));
    if (frame.type === 'B') this.current = this.prepared.get(textsOf(frame, 5)[1]!) ?? '';
    if (frame.type === 'S') this.open.push(this.current);
  }
}
