// Keeps one process running: starts it again when it ends, later each time. One that was never ready and ends too often is given
// up, as something is wrong with it. One that was ready goes on, every ten seconds in the end: what it needs is away for a while,
// such as PostgreSQL during a failover, and nobody else would try again.
import { setTimeout as pause } from 'node:timers/promises';
import { stopAndTell } from '../launch/app.mjs';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const CRASHES = 5;
const WITHIN_MS = 60_000;
const LOOKED_AT_EVERY_MS = 1_000;
/** Nobody looks: it is for the log and those who ask. Ten processes asked every second are a tenth of what they cost when idle. */
const ASKED_EVERY_MS = 5_000;

/**
 * The pause before a process is started for the nth time again (n from 1): 0.2 s, 0.4 s, … 10 s.
 * @param {number} nth
 */
export const pauseBefore = (nth) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (nth - 1));

/**
 * @param {object} options
 * @param {string} options.name
 * @param {() => { pid: number, exited: Promise<number>, stop(withinMs?: number): Promise<number>, kill(): void }} options.launch
 * @param {() => Promise<boolean>} options.isReady asked every 100 ms until it is, then every five seconds
 * @param {() => Promise<number | undefined>} [options.lag] asked while it is ready; the answer is its `lag`. Somebody looks at it:
 *   then both are asked every second
 * @param {(text: string) => void} [options.log]
 * @param {(nth: number) => number} [options.pauseFor] ms before the nth start in a row; default 0.2 s doubling to 10 s
 * @returns an object with `name`, `state` (starting, ready, not ready, waiting, given up, stopped), `pid`, `restarts`,
 *   `ready` (a promise; rejects when it is given up before it ever was), `givenUp` (a promise), `stop()` (answers as
 *   stopAndTell does), `kill()`
 */
export function supervise(options) {
  const { name, launch, isReady, lag, log = () => {}, pauseFor = pauseBefore, changed = () => {} } = options;
  const everyMs = lag ? LOOKED_AT_EVERY_MS : ASKED_EVERY_MS;
  const crashes = [];
  const ready = Promise.withResolvers();
  const givenUp = Promise.withResolvers();
  ready.promise.catch(() => {});
  let app;
  let wasReady = false;
  const stopping = new AbortController();

  const one = {
    name,
    state: 'starting',
    restarts: 0,
    ready: ready.promise,
    givenUp: givenUp.promise,
    get pid() {
      return app?.pid;
    },
    async stop(withinMs = 25_000) {
      stopping.abort();
      const complaints = app ? await stopAndTell(name, app, withinMs) : [];
      enter('stopped');
      return complaints;
    },
    kill() {
      stopping.abort();
      app?.kill();
    },
  };
  const enter = (state) => {
    if (one.state === state) return;
    one.state = state;
    changed(one);
  };

  const watch = async (current) => {
    const over = new AbortController();
    void current.exited.then(() => over.abort());
    while (!over.signal.aborted && !stopping.signal.aborted) {
      const well = await isReady();
      if (over.signal.aborted || stopping.signal.aborted) return;
      if (well) {
        enter('ready');
        wasReady = true;
        ready.resolve(one);
        one.lag = await lag?.();
      } else if (one.state === 'ready') enter('not ready');
      await pause(well ? everyMs : 100, undefined, { ref: false });
    }
  };

  const run = async () => {
    for (let inARow = 0; !stopping.signal.aborted;) {
      const began = performance.now();
      try {
        app = launch();
      } catch (error) {
        return giveUp(error.message);
      }
      one.state = 'starting';
      changed(one);
      void watch(app);
      const code = await app.exited;
      if (stopping.signal.aborted) return;
      const now = performance.now();
      crashes.push(now);
      while (now - crashes[0] > WITHIN_MS) crashes.shift();
      if (!wasReady && crashes.length >= CRASHES)
        return giveUp(`it ended ${CRASHES} times within ${WITHIN_MS / 1_000} s, last with code ${code}`);
      inARow = now - began > LONGEST_PAUSE_MS ? 1 : inARow + 1;
      const waitMs = pauseFor(inARow);
      log(`${name} ended with code ${code}; starting it again in ${waitMs / 1_000} s`);
      enter('waiting');
      await pause(waitMs, undefined, { ref: false });
      one.restarts += 1;
    }
  };

  const giveUp = (reason) => {
    log(`${name} is given up: ${reason}. See its output, mend it, and start the topology again.`);
    enter('given up');
    const error = new Error(`${name} does not start: ${reason}.`);
    ready.reject(error);
    givenUp.resolve(one);
  };

  void run();
  return one;
}
