import { ProblemException } from './problem.exception.js';
import { badRequest, deadlineExceeded, unavailable, unsupportedMediaType } from './problems.js';

/** The answers to the errors of Fastify itself, by code. */
const answers: Record<string, (cause: Error) => ProblemException> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (cause) =>
    new ProblemException(413, 'body-too-large', { detail: 'The body is larger than 262,144 bytes.', cause }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: (cause) =>
    unsupportedMediaType({ detail: 'Bodies must be sent as application/json.', cause }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: (cause) =>
    badRequest({ detail: 'The body is not as long as Content-Length says.', cause }),
  FST_ERR_CTP_EMPTY_JSON_BODY: (cause) => badRequest({ type: 'malformed-json', detail: 'The body is empty.', cause }),
  FST_ERR_CTP_INVALID_JSON_BODY: (cause) =>
    badRequest({ type: 'malformed-json', detail: 'The body is not valid JSON.', cause }),
  FST_ERR_BAD_URL: (cause) =>
    badRequest({ type: 'invalid-path', detail: 'The path is not valid percent-encoded UTF-8.', cause }),
  FST_ERR_MAX_PARAM_LENGTH: (cause) =>
    new ProblemException(414, 'uri-too-long', { detail: 'A segment of the path is too long.', cause }),
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: (cause) => badRequest({ detail: 'Content-Type is missing.', cause }),
  FST_ERR_HANDLER_TIMEOUT: (cause) => deadlineExceeded({ cause }),
  FST_ERR_REOPENED_CLOSE_SERVER: (cause) => unavailable(1, { cause }),
};

export function fastifyProblem(error: Error & { code?: unknown }): ProblemException | undefined {
  return typeof error.code === 'string' && Object.hasOwn(answers, error.code)
    ? answers[error.code]?.(error)
    : undefined;
}
