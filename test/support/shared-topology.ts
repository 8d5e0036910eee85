import type { Shop } from './shop.js';
import { topologies, topologyNamed, type Topology } from './topology.js';

/** Starting many processes is dear: files that ask for nothing special are given the same shop. */
class SharedTopology implements Topology {
  private shop?: Promise<Shop> | undefined;
  private failures = 0;

  constructor(private readonly own: Topology) {}

  get name(): string {
    return this.own.name;
  }

  async start(options?: Parameters<Topology['start']>[0]): Promise<Shop> {
    if (options) return this.own.start(options);
    this.shop ??= this.own.start().catch((error) => {
      this.failures += 1;
      if (this.failures < 2) this.shop = undefined; // a second chance; a third would be one for each of the tests
      throw error;
    });
    return (await this.shop).shared();
  }

  async end(): Promise<void> {
    await (await this.shop)?.[Symbol.asyncDispose]();
  }

  toString(): string {
    return this.name;
  }
}

/**
 * Runs these journeys one after another in one shop of this topology. To be awaited at the top of a test file, any number of times.
 *
 * @param more tests for this topology alone
 * @param name as in TOPOLOGIES; a seed that was thrown for it stands in the title of every test
 */
export async function runJourneysIn(
  name: string,
  journeys: readonly string[],
  more: () => void = () => undefined,
): Promise<void> {
  const shared = new SharedTopology(topologyNamed(name));
  topologies.splice(0, topologies.length, shared);
  describe(`the shop as ${shared.name}`, () => {
    it('starts', async () => (await shared.start())[Symbol.asyncDispose](), 180_000);
  });
  for (const journey of journeys) await import(`../journeys/${journey}.e2e-spec.js?${shared.name}`);
  describe(`the shop as ${shared.name}`, () => {
    more();
    it('ends', () => shared.end(), 60_000);
  });
}
