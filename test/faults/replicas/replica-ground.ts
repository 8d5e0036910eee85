import { Replica, outOfOrder, readModelsShowAll } from '../../support/faults/replicas.js';
import { expectInvariants } from '../../support/invariants.js';
import { contextsOf } from '../../support/quiet.js';
import type { Shop } from '../../support/shop.js';
import { topologies } from '../../support/topology.js';
import type { User } from '../../support/user.js';

/** A shop, and further processes of it on the same database. */
export class ReplicaGround implements AsyncDisposable {
  private replicas: Replica[] = [];

  private constructor(
    readonly shop: Shop,
    readonly customer: User,
    readonly sku: string,
    readonly contexts: readonly string[],
  ) {}

  static async start(): Promise<ReplicaGround> {
    const shop = await topologies[0]!.start();
    const sku = await shop.sell({ onHand: 100_000 });
    return new ReplicaGround(shop, await shop.customer(), sku, await contextsOf(shop.database));
  }

  /** So many replicas: those that no test has harmed, and new ones. */
  async with(count: number): Promise<Replica[]> {
    while (this.replicas.length < count) this.replicas.push(await Replica.start(this.shop));
    return this.replicas.slice(0, count);
  }

  /** Everything kept its word, in whichever process. */
  async holds(): Promise<void> {
    const { shop, customer, sku, contexts } = this;
    for (const { proxy } of this.replicas) proxy.heal();
    const sample = await customer.placeOrder({ sku });
    await customer.reached(sample.id, 'completed');
    await shop.quiet();
    await readModelsShowAll(shop, contexts);
    await expectInvariants(shop, { traces: 0 }); // a trace may have passed through a process that is gone
    expect(await outOfOrder(shop, contexts)).toEqual([]);
  }

  /** The same after a test that harmed a replica: none of them is for another test. */
  async holdsAndDismisses(): Promise<void> {
    try {
      await this.holds();
    } finally {
      await this.dismiss();
    }
  }

  /** A new replica in the place of one that was killed. */
  async replace(killed: Replica): Promise<Replica> {
    await killed.stop();
    const replica = await Replica.start(this.shop);
    this.replicas.splice(this.replicas.indexOf(killed), 1, replica);
    return replica;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dismiss();
    await this.shop[Symbol.asyncDispose]();
  }

  private async dismiss(): Promise<void> {
    await Promise.all(this.replicas.splice(0).map((replica) => replica.stop()));
  }
}
