import { ProblemException, type ProblemDetails } from './problem.exception.js';

const factory =
  (status: number, slug: string) =>
  (details: ProblemDetails): ProblemException =>
    new ProblemException(status, slug, details);

/** 400: the request cannot be understood. */
export const badRequest = factory(400, 'invalid-request');
/** 401: no valid access token. Answers carry `WWW-Authenticate: Bearer`. */
export const unauthorized = (details: ProblemDetails): ProblemException =>
  new ProblemException(401, 'unauthorized', {
    ...details,
    headers: { 'www-authenticate': 'Bearer', ...details.headers },
  });
/** 403: the caller is known and may not. */
export const forbidden = factory(403, 'forbidden');
/** 404: missing, or somebody else's. */
export const notFound = factory(404, 'not-found');
/** 409: contradicts the present state. */
export const conflict = factory(409, 'conflict');
/** 422: understood, and breaks a business rule. */
export const unprocessable = factory(422, 'unprocessable');

/** 405 with the `Allow` header. */
export const methodNotAllowed = (allow: string[]): ProblemException =>
  new ProblemException(405, 'method-not-allowed', {
    detail: `This resource answers ${allow.join(', ')}.`,
    headers: { allow: allow.join(', ') },
  });

/** 415 with the `Accept` header (RFC 9110, section 15.5.16). */
export const unsupportedMediaType = (details: ProblemDetails): ProblemException =>
  new ProblemException(415, 'unsupported-media-type', {
    ...details,
    headers: { accept: 'application/json', ...details.headers },
  });

/** 503: nothing was changed, try again. @param retryAfterSeconds whole seconds, at least 1; default 1 */
export const unavailable = (retryAfterSeconds = 1, details?: Partial<ProblemDetails>): ProblemException =>
  new ProblemException(503, 'unavailable', {
    detail: 'The service cannot answer at the moment.',
    ...details,
    headers: { 'retry-after': seconds(retryAfterSeconds), ...details?.headers },
  });

/** 504: the deadline passed; the outcome of a write is unknown. */
export const deadlineExceeded = (details?: Partial<ProblemDetails>): ProblemException =>
  new ProblemException(504, 'deadline-exceeded', { detail: 'The work did not finish in time.', ...details });

const seconds = (value: number): string => String(Math.max(1, Math.ceil(value)));
