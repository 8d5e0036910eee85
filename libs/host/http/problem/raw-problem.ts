import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import { PROBLEM_MEDIA_TYPE } from './problem.js';
import { ProblemException } from './problem.exception.js';
import { badRequest } from './problems.js';
import { problemBody } from './send-problem.js';

/** The security headers of an answer that no hook has seen. */
export const BARE_HEADERS: Record<string, string> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/** The answer that a connection is being used for, by the field that Node itself looks at; none between two requests. */
type Answering = Socket & { _httpMessage?: ServerResponse | null };

const waiting = new WeakSet<Socket>();

/**
 * Answers what Node could not read as a request: too many header bytes 431, too slow 408, anything else 400.
 * There is no request object, so the bytes are written by hand and the connection is closed. An answer to an earlier request
 * comes first: in the middle of it these bytes would be taken for a part of it, and before it for the whole of it.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || waiting.has(socket)) return;
  if (!socket.writable) {
    socket.destroy(error);
    return;
  }
  const answer = (socket as Answering)._httpMessage;
  const isAboutThisOne = answer && !answer.req.complete;
  if (!answer || (isAboutThisOne && !answer.headersSent)) return end(socket, clientProblem(error.code));
  waiting.add(socket);
  answer.once('finish', () => {
    waiting.delete(socket);
    if (isAboutThisOne) socket.destroy(); // it has been answered
    else answerClientError(error, socket);
  });
}

function end(socket: Socket, problem: ProblemException): void {
  const requestId = randomUUID();
  const body = JSON.stringify(problemBody(problem, { instance: '', traceId: requestId }));
  const headers: Record<string, string> = {
    ...BARE_HEADERS,
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = problem.getStatus();
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy());
}

function clientProblem(code: string | undefined): ProblemException {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ProblemException(431, 'headers-too-large', { detail: 'The request headers are larger than 16 KiB.' });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ProblemException(408, 'request-timeout', { detail: 'The request did not arrive in time.' });
  }
  return badRequest({ detail: 'The bytes sent are not an HTTP request.' });
}
