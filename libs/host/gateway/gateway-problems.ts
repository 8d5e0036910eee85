import { wasNeverSent } from '@holdfast/routing';
import { defineProblemType } from '../http/problem/problem-types.js';
import { ProblemException } from '../http/problem/problem.exception.js';
import { deadlineExceeded, unavailable } from '../http/problem/problems.js';

defineProblemType('bad-gateway', {
  status: 502,
  title: 'The answer got lost',
  meaning:
    'The process at work on the request went away. The outcome of a write is unknown: repeat it with the same Idempotency-Key.',
});

/** Why a request came back without an answer. */
export type Failure = 'refused' | 'lost' | 'late' | 'gone';

/** The kind of failure that an error of an exchange stands for: nothing sent, sent and lost, or too slow. */
export function failureOf(error: Error & { code?: string }): Failure {
  if (wasNeverSent(error)) return 'refused';
  return /TIMEOUT/.test(error.code ?? '') ? 'late' : 'lost';
}

/** The answer to a failure: 503 when nothing was done, 502 and 504 when that is unknown. */
export function problemOf(failure: Failure, context: string, cause?: unknown): ProblemException {
  if (failure === 'refused') return nobodyAnswers(context, cause);
  if (failure === 'late') return deadlineExceeded({ cause });
  const detail = 'The process at work on the request went away before it answered.';
  return new ProblemException(502, 'bad-gateway', { detail, cause });
}

/** 503: no process answers for this context at the moment. */
export function nobodyAnswers(context: string, cause?: unknown): ProblemException {
  return unavailable(1, { detail: `Nobody answers for ${context} at the moment.`, cause });
}
