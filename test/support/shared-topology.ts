import type { Shop } from './shop.js';
import { topologies, topologyNamed, type Topology } from './topology.js';

/** Starting many processes is dear: files that ask for nothing special, and break nothing, are given the same shop. */
class SharedTopology implements Topology {
  private shop?: Promise<Shop>;

  constructor(private readonly own: Topology) {}

  get name(): string {
    return this.own.name;
  }

  async start(options?: Parameters<Topology['start']>[0]): Promise<Shop> {
    if (options) return this.own.start(options);
    this.shop ??= this.own.start();
    return (await this.shop).shared();
  }

  async end(): Promise<void> {
    await (await this.shop)?.[Symbol.asyncDispose]();
  }

  toString(): string {
    return this.name;
  }
}

/** Runs these journeys one after another in one shop of this topology. To be awaited at the top of a test file. */
export async function runJourneysIn(name: string, journeys: readonly string[]): Promise<void> {
  const shared = new SharedTopology(topologyNamed(name));
  topologies.splice(0, topologies.length, shared);
  beforeAll(async () => void (await shared.start())[Symbol.asyncDispose](), 120_000);
  afterAll(() => shared.end(), 60_000);
  for (const journey of journeys) await import(`../journeys/${journey}.e2e-spec.js`);
}
