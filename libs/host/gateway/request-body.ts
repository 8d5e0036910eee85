import type { FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { BODY_LIMIT } from '../http/json/json-body.js';
import { ProblemException } from '../http/problem/problem.exception.js';
import type { Pairs } from './headers.js';

/**
 * The body as it arrives, and an error as soon as it is longer than bodies may be. Reading may begin once only: an
 * attempt that never came to it leaves the body to the next one.
 */
export class RequestBody {
  /** Whether anything was read: then the request cannot be sent again. */
  begun = false;
  private readonly stream: Readable | undefined;

  /** @throws ProblemException 413 when the request says itself that it is too long */
  constructor(private readonly request: FastifyRequest) {
    if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT) throw tooLarge();
    this.stream = request.body as Readable | undefined;
  }

  /** What to send: nothing, or a stream that is read when it is sent. */
  chunks(): AsyncIterable<Buffer> | null {
    return this.stream ? this.read(this.stream) : null;
  }

  /** `Content-Length` when the sender told it. */
  get headers(): Pairs {
    const length = this.request.headers['content-length'];
    return this.stream && length !== undefined ? ['content-length', length] : [];
  }

  async whole(): Promise<Buffer | null> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.chunks() ?? []) chunks.push(chunk);
    return this.stream ? Buffer.concat(chunks) : null;
  }

  private async *read(stream: Readable): AsyncGenerator<Buffer> {
    this.begun = true;
    let size = 0;
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_LIMIT) throw tooLarge();
      yield chunk;
    }
  }
}

function tooLarge(): ProblemException {
  const detail = 'The body is larger than 262,144 bytes.';
  return new ProblemException(413, 'body-too-large', { detail, headers: { connection: 'close' } });
}
