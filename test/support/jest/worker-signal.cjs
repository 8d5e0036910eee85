// The patience reporter tells a worker that has waited for too long. One that can still hear it says what it waits for (the report of
// --report-on-signal) and ends itself with a code of its own, for which jest begins its file again, in a new worker.
const AFTER_THE_REPORT_MS = 1_000;
const TRY_AGAIN = 75; // EX_TEMPFAIL of sysexits.h

if (process.send) process.on('SIGUSR2', () => setTimeout(() => process.exit(TRY_AGAIN), AFTER_THE_REPORT_MS));
