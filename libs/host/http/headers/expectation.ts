import type { FastifyInstance } from 'fastify';
import { ProblemException } from '../problem/problem.exception.js';

/** As Node reads it: whoever says so is told to go on before the request gets here. */
const CONTINUE = /(?:^|\W)100-continue(?:$|\W)/i;

/**
 * Refuses expectations other than `100-continue` with 417 (RFC 9110 §10.1.1). Node answers them by itself, bare and past every
 * hook; here they are requests like any other, in the log and the metrics.
 */
export function refuseExpectations(fastify: FastifyInstance): void {
  const { server } = fastify;
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { expect } = request.headers;
    done(expect === undefined || CONTINUE.test(expect) ? undefined : failed());
  });
}

const failed = () =>
  new ProblemException(417, 'expectation-failed', { detail: 'The Expect header may say 100-continue only.' });
