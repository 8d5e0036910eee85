import { crashPoint } from '@holdfast/data-consistency';
import type { FastifyInstance } from 'fastify';

/** The last boundary of a request: its answer, which is not written, or written and not read. */
export function crashAtAnswers(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const written = new Promise<void>((resolve) => reply.raw.once('close', resolve));
    const answer = () => {
      done(null, payload);
      return written;
    };
    const route = () => `${request.method} ${request.routeOptions.url ?? request.url}`;
    crashPoint('http.answer', route, answer).catch(() => reply.raw.destroy());
  });
}
