// For tests of real processes beside others: on a busy machine one may lose a race with the scheduler. Once is written into
// the output, twice is a failure. Faults in full run alone, and what did not hold once did not hold.
import { jest } from '@jest/globals';

if (process.env.FAULTS !== 'full') jest.retryTimes(1, { logErrorsBeforeRetry: true });
