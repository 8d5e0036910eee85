import { FINGERPRINTS } from './fingerprints.fixture.js';
import { fingerprintOf, statementsSeen } from './model-postgres.fixture.js';
import type { PlantedBug } from './model-statements.fixture.js';
import { modelWritesInUse } from './model-writes.fixture.js';
import { simulate } from './simulation.fixture.js';

// npm run simulate -- --seeds 10000 runs as many as it is told; this is the smoke cut.
const SEEDS = 100;
const FROM = 1 + Math.floor(Math.random() * 1_000_000);

describe('the road, simulated', () => {
  it(`keeps its word in ${SEEDS} histories from seed ${FROM} on`, async () => {
    const faults: Record<string, number> = {};
    for (let seed = FROM; seed < FROM + SEEDS; seed++) {
      const result = await simulate(seed);
      if (result.complaints.length > 0) {
        throw new Error(
          `Seed ${seed}: ${result.complaints.join('\n')}\nSee it with: npm run simulate -- --from ${seed} --trace`,
        );
      }
      for (const [kind, count] of Object.entries(result.faults)) faults[kind] = (faults[kind] ?? 0) + count;
    }
    for (const kind of ['kill', 'pause', 'depose', 'clock', 'replay', 'refused', 'lost']) {
      expect([kind, faults[kind] ?? 0]).toEqual([kind, expect.any(Number)]);
      expect(faults[kind]).toBeGreaterThan(SEEDS / 50); // they did strike
    }
  }, 300_000);

  it('is the same history again with the same seed, to the last step', async () => {
    const hashes = async () => {
      const all: string[] = [];
      for (let seed = 1; seed <= 10; seed++) all.push((await simulate(seed)).hash);
      return all;
    };
    const first = await hashes();
    expect(await hashes()).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  }, 120_000);

  // With the seed to begin with, near the first that shows it.
  it.each<[PlantedBug, number]>([
    ['the cursor moves before the batch is carried', 1],
    ['the relay reads by position, without the horizon', 46],
    ['the completion is not part of the effect', 1],
    ['a message is claimed although an elder of its lane is not done', 1],
    ['the completion does not look at the claim', 13],
  ])(
    'finds out that %s',
    async (bug, from) => {
      for (let seed = from; seed < from + 100; seed++) {
        if ((await simulate(seed, bug)).complaints.length > 0) return;
      }
      throw new Error('Not found in 100 histories');
    },
    120_000,
  );

  it('stands for the statements as they are today', async () => {
    for (let seed = 1; seed <= 20; seed++) await simulate(seed);
    const writes = Object.fromEntries(modelWritesInUse.map(({ name, sql }) => [name, fingerprintOf(sql)]));
    // One differs? Look whether the model (model-statements, model-writes) still does the same, then renew its fingerprint.
    expect(FINGERPRINTS).toMatchObject({ ...statementsSeen(), ...writes });
  }, 120_000);
});
