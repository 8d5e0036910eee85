import { HttpException } from '@nestjs/common';
import { fastifyProblem } from './fastify-problems.js';
import { postgresProblem } from './postgres-problems.js';
import { ProblemException } from './problem.exception.js';
import { findProblemType } from './problem-types.js';
import { conflict, deadlineExceeded, unauthorized, unavailable } from './problems.js';

/** Answers to errors of other libraries, by the error's `name`: a class may exist twice, its name does not. */
export type ErrorAnswers = Record<string, (error: Error) => ProblemException>;

const known: ErrorAnswers = {
  ConcurrencyError: (cause) =>
    conflict({ type: 'concurrent-change', detail: 'Somebody else changed this first. Read it again.', cause }),
  TimeoutError: (cause) => deadlineExceeded({ cause }),
  AbortError: (cause) => deadlineExceeded({ cause }),
  QueryTimeout: (cause) => deadlineExceeded({ cause }),
  QueryUnanswered: (cause) => unavailable(5, { cause }),
  QueryFailed: (cause) => unavailable(1, { cause }),
};

const slugs: Record<number, string> = {
  400: 'invalid-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  408: 'request-timeout',
  409: 'conflict',
  412: 'precondition-failed',
  413: 'body-too-large',
  414: 'uri-too-long',
  415: 'unsupported-media-type',
  422: 'unprocessable',
  428: 'precondition-required',
  429: 'too-many-requests',
  431: 'headers-too-large',
  501: 'not-implemented',
  503: 'unavailable',
  504: 'deadline-exceeded',
};

const MAX_CAUSES = 8;

/**
 * The one place where an error becomes an answer. Reads the chain of causes from the outside in, so a driver's error
 * wrapped by an ORM is still recognised. Everything unknown is a 500 whose text says nothing about the error.
 */
export function toProblem(error: unknown, answers: ErrorAnswers = {}): ProblemException {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    const found = recognise(current, answers);
    if (found) return found;
    current = innerCause(current);
  }
  return new ProblemException(500, 'internal-error', { detail: 'Something went wrong on our side.', cause: error });
}

function recognise(error: Error, answers: ErrorAnswers): ProblemException | undefined {
  if (error instanceof ProblemException) return error;
  const named = Object.hasOwn(answers, error.name) ? answers[error.name] : undefined;
  if (named) return named(error);
  // A Nest exception made from a Fastify error keeps it as its cause, which says more than the status does.
  if (error instanceof HttpException) {
    return (error.cause instanceof Error ? fastifyProblem(error.cause) : undefined) ?? nestProblem(error);
  }
  const own = Object.hasOwn(known, error.name) ? known[error.name] : undefined;
  return own?.(error) ?? fastifyProblem(error) ?? postgresProblem(error);
}

function nestProblem(error: HttpException): ProblemException | undefined {
  const status = error.getStatus();
  const type = ownType(error);
  if (status === 401) return unauthorized({ type, detail: messageOf(error), cause: error });
  if (status === 503) return unavailable(1, { type, cause: error });
  const slug = type ?? slugs[status];
  if (!slug) return undefined;
  const detail = status < 500 ? messageOf(error) : 'The service cannot answer at the moment.';
  return new ProblemException(status, slug, { detail, cause: error });
}

/** The error code of a Nest exception, when a problem type of that name is described: `insufficient_role`. */
function ownType(error: HttpException): string | undefined {
  const slug = error.errorCode?.replaceAll('_', '-');
  return slug !== undefined && findProblemType(slug)?.status === error.getStatus() ? slug : undefined;
}

function messageOf(error: HttpException): string {
  const response = error.getResponse();
  const message = typeof response === 'string' ? response : (response as { message?: unknown }).message;
  if (Array.isArray(message)) return message.join('; ');
  return typeof message === 'string' && message ? message : error.message;
}

function innerCause(error: Error): unknown {
  const { driverError, errors } = error as { driverError?: unknown; errors?: unknown };
  return error.cause ?? driverError ?? (Array.isArray(errors) ? errors[0] : undefined);
}
