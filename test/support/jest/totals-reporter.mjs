import { writeFileSync } from 'node:fs';

/** Leaves the totals of a run in the file that TEST_TOTALS_FILE names, for .ci/run. */
export default class TotalsReporter {
  onRunComplete(_contexts, results) {
    if (!process.env.TEST_TOTALS_FILE) return;
    // A file that did not even load has no failed test, and must not pass for a good one.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    writeFileSync(process.env.TEST_TOTALS_FILE, `${results.numPassedTests} passed, ${failed} failed\n`);
  }
}
