import { AnswerUnreadable } from './answer-errors.js';

const SIZE_LINE = /^[\da-f]{1,8}$/i;
/** Characters of a line among the chunks: eight digits and its end. */
const LONGEST_LINE = 10;

/** Takes the chunks of a body apart (RFC 9112 §7.1), without extensions and trailers, which no context sends. */
export class ChunkedBody {
  /** Whether its end has been seen. */
  over = false;
  private line = '';
  private left = 0;
  private part: 'size' | 'data' | 'end of data' | 'end' = 'size';

  /**
   * @param take is given the data
   * @returns how many of the bytes belong to this body: fewer than all only when it is over
   * @throws AnswerUnreadable
   */
  feed(bytes: Buffer, take: (data: Buffer) => void): number {
    let at = 0;
    while (at < bytes.length && !this.over) {
      if (this.part === 'data') {
        const data = bytes.subarray(at, at + this.left);
        at += data.length;
        this.left -= data.length;
        if (this.left === 0) this.part = 'end of data';
        take(data);
        continue;
      }
      const feed = bytes.indexOf(10, at);
      const end = feed === -1 ? bytes.length : feed + 1;
      this.line += bytes.toString('latin1', at, end);
      at = end;
      if (this.line.length > LONGEST_LINE) throw new AnswerUnreadable('a line among its chunks is too long');
      if (feed !== -1) this.endOfLine();
    }
    return at;
  }

  private endOfLine(): void {
    const { line } = this;
    this.line = '';
    if (!line.endsWith('\r\n')) throw new AnswerUnreadable('a bare line feed among its chunks');
    const text = line.slice(0, -2);
    if (this.part === 'size') return this.size(text);
    if (text !== '') throw new AnswerUnreadable('a chunk that is longer than it says');
    if (this.part === 'end') this.over = true;
    else this.part = 'size';
  }

  private size(text: string): void {
    if (!SIZE_LINE.test(text)) throw new AnswerUnreadable('the size of a chunk');
    this.left = Number.parseInt(text, 16);
    this.part = this.left === 0 ? 'end' : 'data';
  }
}
