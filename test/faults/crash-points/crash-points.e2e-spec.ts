import { randomInt } from 'node:crypto';
import type { CrashMode } from '@holdfast/data-consistency';
import { pointsInTheCode } from '../../support/faults/crash-room.js';
import { faultReport, inFull } from '../../support/faults/report.js';
import { topologies } from '../../support/topology.js';
import { CrashSite, type CrashCase } from './crash-case.js';

/** Of the points, in `npm test`. */
const EVERY = 4;

const MODES: readonly CrashMode[] = ['kill-before', 'lose-reply', 'kill-after'];
/** Shops that crash side by side: most of a case is waiting for what the dead process held. */
const SIDE_BY_SIDE = inFull ? 3 : 1;

describe.each(topologies)('a crash at every point of the road (%s)', (topology) => {
  const sites: CrashSite[] = [];
  const report = faultReport('Crash points: purchase, cancellation, declined card, no stock, return');
  let passages: Map<string, number>;

  beforeAll(async () => {
    sites.push(await CrashSite.open(topology));
    passages = await sites[0]!.survey();
    while (sites.length < SIDE_BY_SIDE) sites.push(await CrashSite.open(topology));
  }, 300_000);
  afterAll(async () => {
    for (const site of sites) await site.close();
  }, 180_000);

  it('is passed at every point there is in the code', () => {
    const passed = new Set([...passages.keys()].map(pointOf));
    expect([...passed].sort()).toEqual(pointsInTheCode());
  });

  it('leaves every purchase completed or undone, once, whatever was lost', async () => {
    const cases = inFull ? everywhere(passages) : sample([...passages.keys()]);
    const waiting = [...cases];
    const missed: string[] = [];
    let crashes = 0;
    await Promise.all(
      sites.map(async (site) => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const crashed = await site.run(next).catch((error: Error) => {
            waiting.length = 0;
            throw new Error(`${next!.mode} at ${next!.label}, passage ${next!.nth}: ${error.message}`, {
              cause: error,
            });
          });
          if (crashed) crashes += 1;
          else missed.push(`${next.mode} at ${next.label}, passage ${next.nth}`);
          const done = cases.length - waiting.length;
          if (inFull && done % 25 === 0) process.stdout.write(`  crash points: ${done} of ${cases.length} cases\n`);
        }
      }),
    );
    report(
      `${passages.size} points, ${cases.length} cases, ${crashes} crashes`,
      'every purchase and return ended once',
    );
    if (missed.length > 0) report(`not passed this time: ${missed.length}`, missed.slice(0, 10).join('; '));
    expect(missed.length).toBeLessThan(cases.length / 10);
  }, 7_200_000); // two hours: the machine may be slow, and each case has limits of its own
});

const pointOf = (label: string) => label.slice(0, label.indexOf('('));

/** The first passage of each point in every mode, and for points passed again a late one, its mode by turns. */
function everywhere(passages: ReadonlyMap<string, number>): CrashCase[] {
  const first = [...passages.keys()].flatMap((label) => MODES.map((mode) => ({ label, nth: 1, mode })));
  const again = [...passages].filter(([, times]) => times > 2);
  // Not the very last: how often a loop looks for work is never twice the same.
  const late = again.map(([label, times], index) => ({
    label,
    nth: Math.ceil(times * 0.7),
    mode: MODES[index % MODES.length]!,
  }));
  return [...first, ...late];
}

/** One passage of every fourth point, its mode by turns; the dice say with which point and which mode to begin. */
function sample(labels: readonly string[]): CrashCase[] {
  const firsts = new Map<string, string>();
  for (const label of labels.toReversed()) firsts.set(pointOf(label), label);
  const [first, turn] = [randomInt(EVERY), randomInt(MODES.length)];
  const chosen = [...firsts.values()].filter((_, index) => index % EVERY === first);
  return chosen.map((label, index) => ({ label, nth: 1, mode: MODES[(turn + index) % MODES.length]! }));
}
