// For tests of real processes: on a busy machine one may lose a race with the scheduler. Once is written into the output,
// twice is a failure.
import { jest } from '@jest/globals';

jest.retryTimes(1, { logErrorsBeforeRetry: true });
