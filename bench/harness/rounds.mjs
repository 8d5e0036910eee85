import { spread } from './statistics.mjs';

/**
 * Runs every entry once per round, in a new random order each time, and keeps the rounds nobody disturbed. When too few
 * are undisturbed after `attempts` rounds, the least disturbed ones are kept, and the answer says so.
 *
 * @param {{ key: string, warmUp?: (ms: number) => Promise<object>, window: (ms: number) => Promise<object> }[]} entries
 * @returns {Promise<{ samples: Record<string, object[]>, roundTrips: Record<string, number>, disturbed: number, taken: number }>}
 */
export async function runRounds({ entries, rounds, attempts, windowMs, calibration, say }) {
  const roundTrips = {};
  for (const { key, warmUp, window } of entries) {
    const warm = await (warmUp ?? window)(Math.max(300, windowMs / 2));
    if (warm.roundTrips !== undefined) roundTrips[key] = warm.roundTrips;
  }
  const all = [];
  const quiet = () => all.filter(({ disturbance }) => !calibration.isDisturbed(disturbance));
  while (quiet().length < rounds && all.length < attempts) {
    all.push(await oneRound({ entries, windowMs, calibration }));
    say(`round ${all.length}: ${describe(all.at(-1), calibration)}`);
  }
  const kept = [...all].sort((a, b) => a.disturbance - b.disturbance).slice(0, rounds);
  const samples = Object.fromEntries(entries.map(({ key }) => [key, kept.map(({ windows }) => windows[key])]));
  const disturbed = kept.filter(({ disturbance }) => calibration.isDisturbed(disturbance)).length;
  return { samples, roundTrips, disturbed, taken: all.length };
}

async function oneRound({ entries, windowMs, calibration }) {
  const windows = {};
  const disturbances = [await calibration.disturbance()];
  for (const { key, window } of shuffled(entries)) {
    windows[key] = await window(windowMs);
    disturbances.push(await calibration.disturbance());
  }
  return { windows, disturbance: Math.max(...disturbances) };
}

function shuffled(entries) {
  return entries
    .map((entry) => ({ entry, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ entry }) => entry);
}

function describe({ windows, disturbance }, calibration) {
  const rates = Object.entries(windows).map(([key, { ops, seconds }]) => `${key} ${Math.round(ops / seconds)}/s`);
  const note = calibration.isDisturbed(disturbance) ? `  (disturbed, ${disturbance.toFixed(1)}x)` : '';
  return rates.join(', ') + note;
}

/** Absolute figures of every contestant, for the record: never compare them between machines. */
export function absolutes(samples) {
  return Object.fromEntries(
    Object.entries(samples).map(([key, windows]) => {
      const of = (figure) => spread(windows.map(figure));
      return [
        key,
        {
          perSecond: of(({ ops, seconds }) => ops / seconds),
          clientCpuUs: of(({ clientCpuUs = 0, ops }) => clientCpuUs / ops),
          postgresCpuUs: of(({ postgresCpuUs = 0, ops }) => postgresCpuUs / ops),
          p50Ms: of(({ p50Ms = 0 }) => p50Ms),
        },
      ];
    }),
  );
}
