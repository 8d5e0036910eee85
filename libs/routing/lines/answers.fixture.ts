import { Pool, buildConnector } from 'undici';
import type { AnswerControl, AnswerHandler } from './answer-handler.js';
import { Lines, type LinesOptions } from './lines.js';
import { ViaUndici } from './via-undici.js';

/** What came of a request: all of an answer, or the code of a failure and whatever came before it. */
export interface Answer {
  status?: number;
  headers: string[];
  body: string;
  failed?: string;
}

/** Collects an answer. */
export class Collected implements AnswerHandler {
  control!: AnswerControl;
  /** While there was no connection. */
  waiting: AnswerControl | undefined;
  private readonly collected: Answer = { headers: [], body: '' };
  private readonly outcome = Promise.withResolvers<Answer>();
  readonly answer = this.outcome.promise;

  waits(control: AnswerControl): void {
    this.waiting = control;
  }

  begun(control: AnswerControl): void {
    this.control = control;
  }

  head(status: number, _reason: string, headers: readonly string[]): void {
    this.collected.status = status;
    this.collected.headers = [...headers];
  }

  data(chunk: Buffer): void {
    this.collected.body += chunk.toString('latin1');
  }

  end(last?: Buffer): void {
    if (last) this.data(last);
    this.outcome.resolve(this.collected);
  }

  failed(error: Error): void {
    this.outcome.resolve({ ...this.collected, failed: (error as { code?: string }).code ?? error.message });
  }
}

export const linesTo = (url: string, options: Partial<LinesOptions> = {}) =>
  new Lines({
    origin: new URL(url),
    connect: buildConnector({ allowH2: false }),
    connections: 2,
    timeoutMs: 2_000,
    ...options,
  });

/** Asks over a line. */
export function ask(lines: Lines, target = '/', method = 'GET'): Collected {
  const collected = new Collected();
  lines.send({ method, head: `${method} ${target} HTTP/1.1\r\nhost: toys\r\n\r\n` }, collected);
  return collected;
}

/** Asks with undici. */
export function askUndici(pool: Pool, target = '/'): Promise<Answer> {
  const collected = new Collected();
  pool.dispatch({ method: 'GET', path: target }, new ViaUndici(collected));
  return collected.answer;
}
