import { eventually } from '../../../test/support/eventually.js';
import type { Instance, Registry } from './registry.js';

/** One registry under test, and a hand in whatever keeps its list. */
export interface RegistryUnderTest {
  /** A new observer. */
  observe(): Promise<Registry>;
  /** Makes an instance known, the way that is usual for this registry. Said again, it changes what is known. */
  announce(instance: Instance): Promise<void>;
  /** Takes it out again, orderly. */
  withdraw(instance: Instance): Promise<void>;
  /** The registry stops working as a whole. */
  breakDown(): Promise<void>;
  /** It works again, with the list as it was last announced. */
  mend(): Promise<void>;
  /** Whether it can tell that an instance drains. */
  tellsDraining: boolean;
  close(): Promise<void>;
}

/** What every registry keeps to. Times are generous: none of them decides a test. */
export function registryConformance(name: string, start: () => Promise<RegistryUnderTest>): void {
  describe(`${name} as a registry`, () => {
    let under: RegistryUnderTest;
    let registry: Registry;
    beforeEach(async () => {
      under = await start();
      await under.announce(one);
      registry = await under.observe();
    }, 30_000);
    afterEach(async () => {
      await registry.close();
      await under.close();
    });

    const instance = (service: string, last: number): Instance => ({
      service,
      id: `127-0-0-${last}-4000`,
      url: `http://127.0.0.${last}:4000`,
    });
    const [one, two, other] = [instance('toys', 11), instance('toys', 12), instance('games', 13)];
    /** Who may be given work; one that was told nothing of is silent at last. */
    const listed = (service = 'toys') =>
      registry
        .watch(service)
        .instances.filter(({ state }) => state !== 'silent')
        .map(({ url, state }) => `${state} ${url}`)
        .sort();
    const up = (...instances: Instance[]) => instances.map(({ url }) => `up ${url}`);
    const shows = (expected: string[], service = 'toys') =>
      eventually(() => String(listed(service)) === String(expected), {
        what: () => `the list to be [${String(expected)}]; it is [${String(listed(service))}]`,
      });

    it('knows who was there before it looked', async () => {
      await registry.watch('toys').ready;
      await shows(up(one));
      expect(registry.freshness().live).toBe(true);
    });

    it('tells who joins and who leaves, each service its own', async () => {
      const told: number[] = [];
      registry.watch('toys').onChange((instances) => told.push(instances.length));
      await shows(up(one));
      await under.announce(two);
      await under.announce(other);
      await shows(up(one, two));
      await shows(up(other), 'games');
      await under.withdraw(one);
      await shows(up(two));
      expect(told.slice(-2)).toEqual([2, 1]);
    });

    it('shows an empty list when the last one left', async () => {
      await shows(up(one));
      await under.withdraw(one);
      await shows([]);
    });

    it('tells nobody who has stopped listening', async () => {
      await shows(up(one));
      const told: string[] = [];
      const [left, stays] = [registry.watch('toys'), registry.watch('toys')];
      left.onChange(() => told.push('left'));
      stays.onChange(() => told.push('stays'));
      left.close();
      await under.announce(two);
      await shows(up(one, two));
      expect(told).toEqual(['stays']);
    });

    it('keeps the last good list while it is away, says so, and agrees with it again afterwards', async () => {
      await under.announce(two);
      await shows(up(one, two));
      await under.breakDown();
      await eventually(() => !registry.freshness().live, { what: 'the registry is seen to be away' });
      expect(registry.freshness().reason).toBeTruthy();
      const { ageMs } = registry.freshness();
      await eventually(() => registry.freshness().ageMs > ageMs + 1_000, { what: 'the list grows old' });
      expect(listed()).toEqual(up(one, two));
      await under.withdraw(two).catch(() => {});
      await under.mend();
      await shows(up(one));
      await eventually(() => registry.freshness().live, { what: 'the registry is back' });
    }, 60_000);

    it('shows who is on its way out, where it can be told', async () => {
      await shows(up(one));
      await under.announce({ ...one, draining: true });
      if (under.tellsDraining) await shows([`draining ${one.url}`]);
      else expect(listed()).toEqual(up(one));
    });
  });
}
