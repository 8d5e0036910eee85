import type { StaleRead } from '@holdfast/data-consistency';
import type { PasswordsBusyError } from '@holdfast/security';
import { unavailable, unprocessable } from './problems.js';
import type { ErrorAnswers } from './to-problem.js';

/** Answers to errors of our own pattern libraries that are not about HTTP. */
export const libraryProblems: ErrorAnswers = {
  StaleRead: (cause) => unavailable(1, { type: 'read-model-behind', detail: (cause as StaleRead).message, cause }),
  PasswordsBusyError: (cause) =>
    unavailable((cause as PasswordsBusyError).retryAfterSeconds, { type: 'passwords-busy', cause }),
  PasswordTooLongError: (cause) =>
    unprocessable({
      type: 'password-too-long',
      detail: 'A password has at most 1,024 bytes.',
      field: 'password',
      rule: 'max-length',
      cause,
    }),
  ContractViolation: (cause) => unprocessable({ detail: cause.message, cause }),
};
