import { STATUS_CODES } from 'node:http';

/** What a client can read at `GET /problems/<slug>`. */
export interface ProblemType {
  status: number;
  title: string;
  /** When it is answered and what the client can do about it. */
  meaning: string;
}

const types = new Map<string, ProblemType>();
const SLUG = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * Describes a problem type so that it has a stable title and a page under `/problems`.
 *
 * @param slug kebab-case, unique in the process: the last segment of the problem's `type`
 * @throws Error when the slug is malformed or already means something else
 * @example defineProblemType('cancelled-too-late', { status: 409, title: 'Too late to cancel', meaning: 'The order is already confirmed.' });
 */
export function defineProblemType(slug: string, type: ProblemType): void {
  if (!SLUG.test(slug)) throw new Error(`Problem type "${slug}" is not kebab-case`);
  const known = types.get(slug);
  if (known && JSON.stringify(known) !== JSON.stringify(type)) throw new Error(`Problem type "${slug}" is taken`);
  types.set(slug, type);
}

export const findProblemType = (slug: string): ProblemType | undefined => types.get(slug);

/** Every described type, ordered by slug. */
export function listProblemTypes(): ({ type: string } & ProblemType)[] {
  return [...types]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([slug, type]) => ({ type: `/problems/${slug}`, ...type }));
}

export const titleOf = (slug: string, status: number): string =>
  types.get(slug)?.title ?? STATUS_CODES[status] ?? 'Error';

const edgeTypes: [slug: string, status: number, title: string, meaning: string][] = [
  ['invalid-token', 401, 'No valid access token', 'The access token is missing, expired or not ours. Sign in again.'],
  ['insufficient-role', 403, 'Not allowed', 'The caller has none of the roles this route asks for.'],
  ['access-undeclared', 403, 'Not allowed', 'The route does not say who may call it, so nobody may.'],
  [
    'keys-unavailable',
    503,
    'Tokens cannot be checked',
    'The keys to check access tokens cannot be read at the moment.',
  ],
  ['passwords-busy', 503, 'Too many sign-ins', 'Too many passwords are being checked at once.'],
  ['password-too-long', 422, 'The password is too long', 'Choose a shorter one.'],
  [
    'invalid-request',
    400,
    'The request is not valid',
    'The request cannot be understood. Correct it before sending it again.',
  ],
  ['invalid-input', 400, 'The input breaks a rule', 'Each broken rule is named in `errors` with its field.'],
  ['malformed-json', 400, 'The body is not JSON', 'The body is not well-formed JSON in UTF-8.'],
  [
    'unsafe-json',
    400,
    'The JSON is refused',
    'The body is JSON, but too deep, too wide, ambiguous, or it loses information when read.',
  ],
  [
    'invalid-path',
    400,
    'The path is refused',
    'The request target has no single reading: dot segments, empty segments, encoded slashes or forbidden characters.',
  ],
  ['unauthorized', 401, 'Who is asking?', 'No valid access token came with the request.'],
  ['forbidden', 403, 'Not allowed', 'The caller is known but may not do this.'],
  ['not-found', 404, 'Not found', 'There is nothing here, or it belongs to somebody else.'],
  ['method-not-allowed', 405, 'Method not allowed', 'The resource exists; the header `Allow` lists its methods.'],
  ['not-acceptable', 406, 'Not acceptable', 'The resource has no representation of the kind asked for.'],
  ['request-timeout', 408, 'The request took too long to arrive', 'Send it again, faster.'],
  ['conflict', 409, 'Conflict', 'The request contradicts the present state. Read the resource again before retrying.'],
  [
    'concurrent-change',
    409,
    'Changed by somebody else',
    'Another request changed the same thing first. Read it again and retry.',
  ],
  [
    'idempotency-key-missing',
    400,
    'No Idempotency-Key',
    'This route needs a key of your own, new for every new request.',
  ],
  [
    'idempotency-key-invalid',
    400,
    'No usable Idempotency-Key',
    'A key is 1 to 255 visible ASCII characters, sent once.',
  ],
  [
    'idempotency-key-reused',
    422,
    'This Idempotency-Key was used before',
    'The key belongs to an earlier request with another content. Use a new key for a new request.',
  ],
  [
    'request-in-flight',
    409,
    'The same request is still at work',
    'A request with this Idempotency-Key has not ended yet. Send it again after `Retry-After` seconds to get its answer.',
  ],
  [
    'read-model-behind',
    503,
    'Not yet up to date',
    'What the `Consistency-Token` stands for is not to be seen here yet. Retry after `Retry-After` seconds.',
  ],
  ['precondition-failed', 412, 'Precondition failed', 'The condition in the request headers does not hold.'],
  ['body-too-large', 413, 'The body is too large', 'A body holds at most 262,144 bytes.'],
  ['uri-too-long', 414, 'The path is too long', 'A segment of the path is longer than any identifier.'],
  [
    'unsupported-media-type',
    415,
    'Unsupported media type',
    'Bodies are `application/json` in UTF-8, without content coding.',
  ],
  [
    'expectation-failed',
    417,
    'The expectation is not met',
    'The header `Expect` may say `100-continue` and nothing else.',
  ],
  ['unprocessable', 422, 'The request cannot be carried out', 'The request is well-formed but breaks a business rule.'],
  ['precondition-required', 428, 'Precondition required', 'The request must state the version it is based on.'],
  ['too-many-requests', 429, 'Too many requests', 'Wait as long as `Retry-After` says.'],
  ['headers-too-large', 431, 'The headers are too large', 'Request headers hold at most 16 KiB together.'],
  ['internal-error', 500, 'Internal error', 'A defect on our side. It has been recorded under `traceId`.'],
  ['not-implemented', 501, 'Not implemented', 'This server does not offer the function.'],
  ['unavailable', 503, 'Temporarily unavailable', 'Nothing was changed. Retry after `Retry-After` seconds.'],
  ['overloaded', 503, 'Too busy', 'The request was refused before any work. Retry after `Retry-After` seconds.'],
  [
    'deadline-exceeded',
    504,
    'Out of time',
    'The work did not finish in time. The outcome of a write is unknown: repeat it with the same Idempotency-Key.',
  ],
];

for (const [slug, status, title, meaning] of edgeTypes) defineProblemType(slug, { status, title, meaning });
