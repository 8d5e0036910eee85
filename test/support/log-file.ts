import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK = 1 << 20;
const NEWLINE = 0x0a;

/** A file that only grows; what was read once is not read again. */
export class LogFile {
  private readonly whole: string[] = [];
  private rest = Buffer.alloc(0);
  private offset = 0;

  constructor(private readonly path: string) {}

  /** Its lines so far, the empty ones left out. The last one may not be whole yet. */
  lines(): string[] {
    const file = openSync(this.path, 'r');
    try {
      const chunk = Buffer.alloc(CHUNK);
      for (let length: number; (length = readSync(file, chunk, 0, CHUNK, this.offset)) > 0; this.offset += length)
        this.take(chunk.subarray(0, length));
    } finally {
      closeSync(file);
    }
    return this.rest.length > 0 ? [...this.whole, this.rest.toString()] : this.whole.slice();
  }

  private take(chunk: Buffer): void {
    const text = Buffer.concat([this.rest, chunk]);
    const end = text.lastIndexOf(NEWLINE) + 1; // a character may be cut in two, but never by the end of a line
    for (const line of text.subarray(0, end).toString().split('\n')) if (line) this.whole.push(line);
    this.rest = text.subarray(end);
  }
}
