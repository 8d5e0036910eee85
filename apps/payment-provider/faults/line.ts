import type { FastifyReply } from 'fastify';
import type { Answer } from './answer.js';
import type { Disturbance } from './disturbance.js';

const tenMegabytes = 10 * 1024 * 1024;
const slowSteps = 20;

/** The wire back to the caller, and the ways it can fail. */
export class Line {
  private readonly pending = new Map<NodeJS.Timeout, () => void>();

  constructor(readonly hangMs: number) {}

  send(reply: FastifyReply, { status, type, headers, body }: Answer): FastifyReply {
    return reply
      .code(status)
      .headers(headers ?? {})
      .type(type)
      .send(body);
  }

  async deliver(reply: FastifyReply, answer: Answer, disturbance?: Disturbance): Promise<FastifyReply> {
    switch (disturbance?.kind) {
      case 'lose-reply':
        return this.cut(reply, disturbance.delayMs ?? 0);
      case 'truncated-json':
        return this.send(reply, { ...answer, body: answer.body.slice(0, answer.body.length / 2) });
      case 'huge-body':
        return this.send(reply, { ...answer, body: answer.body.padEnd(tenMegabytes) });
      case 'wrong-content-type':
        return this.send(reply, { ...answer, type: 'image/png' });
      case 'slow-body':
        return this.drip(reply, answer, disturbance.delayMs ?? this.hangMs);
      case 'delay':
        await new Promise<void>((resolve) => this.later(resolve, disturbance.delayMs ?? 1_000));
        return this.send(reply, answer);
      default:
        return this.send(reply, answer);
    }
  }

  /** Says nothing for a while, then closes the connection without a reply. */
  cut(reply: FastifyReply, afterMs: number): FastifyReply {
    reply.hijack();
    const cancel = this.later(() => reply.raw.destroy(), afterMs);
    reply.raw.once('close', cancel);
    return reply;
  }

  reset(reply: FastifyReply): FastifyReply {
    reply.hijack();
    reply.raw.socket?.resetAndDestroy();
    return reply;
  }

  /** Nobody is kept waiting by a closing provider: what hangs ends now. */
  hangUp(): void {
    for (const [timer, act] of this.pending) {
      clearTimeout(timer);
      act();
    }
    this.pending.clear();
  }

  private drip(reply: FastifyReply, { status, type, headers, body }: Answer, overMs: number): FastifyReply {
    reply.hijack();
    const bytes = Buffer.from(body);
    const size = Math.ceil(bytes.length / slowSteps);
    reply.raw.writeHead(status, { ...headers, 'content-type': type, 'content-length': bytes.length });
    const step = (from: number) => {
      if (reply.raw.destroyed) return;
      reply.raw.write(bytes.subarray(from, from + size));
      if (from + size >= bytes.length) reply.raw.end();
      else this.later(() => step(from + size), overMs / slowSteps);
    };
    step(0);
    return reply;
  }

  private later(act: () => void, ms: number): () => void {
    const timer = setTimeout(() => {
      this.pending.delete(timer);
      act();
    }, ms);
    this.pending.set(timer, act);
    return () => {
      clearTimeout(timer);
      this.pending.delete(timer);
    };
  }
}
