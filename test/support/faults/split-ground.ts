import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats } from '@holdfast/messaging';
import type { Elsewhere } from '../../../scripts/topology/start-topology.mjs';
import type { Supervised } from '../../../scripts/topology/supervise.mjs';
import { eventually } from '../eventually.js';
import { expectInvariants } from '../invariants.js';
import { NatsServer } from '../nats-server.js';
import { contextsOf } from '../quiet.js';
import type { Shop, ShopOptions } from '../shop.js';
import { processesBehind } from '../supervised.js';
import { topologyOf } from '../topology.js';
import type { User } from '../user.js';
import { NatsProxy } from './nats-proxy.js';
import { expectKept, type PlacedOrder, placeOrders, statusesOf } from './orders-under-fault.js';
import { murder } from './process-control.js';

export interface SplitGroundOptions extends ShopOptions {
  /** A topology file; default one process per context. */
  file?: string;
  /** The broker; default one of its own on loopback. It ends with the shop. */
  nats?: NatsServer;
  /** For processes that do not run as the others do. */
  elsewhere?: Elsewhere;
}

/** A shop in many processes, with a broker of its own and a proxy before it, to be broken at will. */
export class SplitGround implements AsyncDisposable {
  private constructor(
    readonly nats: NatsServer,
    readonly proxy: NatsProxy,
    readonly shop: Shop,
    readonly customer: User,
    readonly sku: string,
  ) {}

  static async start({ file, env, elsewhere, ...options }: SplitGroundOptions = {}): Promise<SplitGround> {
    const nats = options.nats ?? (await NatsServer.start());
    const proxy = await NatsProxy.start(() => nats);
    try {
      const topology = topologyOf('split', file, elsewhere);
      const shop = await topology.start({ ...options, env: { DATABASE_POOL_SIZE: '4', NATS_URL: proxy.url, ...env } });
      const sku = await shop.sell({ onHand: 1_000_000 });
      return new SplitGround(nats, proxy, shop, await shop.customer(), sku);
    } catch (error) {
      await proxy.stop();
      await nats.remove();
      throw error;
    }
  }

  get processes(): readonly Supervised[] {
    return processesBehind(this.shop.url).processes;
  }

  named(name: string): Supervised {
    return this.processes.find((one) => one.name === name)!;
  }

  /** kill -9; its supervisor starts it again. Resolves with the milliseconds until it was ready again. */
  async kill(one: Supervised): Promise<number> {
    const { restarts } = one;
    const began = performance.now();
    await murder(one.pid!);
    const isBack = () => one.restarts > restarts && one.state === 'ready';
    await eventually(isBack, { what: () => `${one.name} is back; it is ${one.state}`, withinMs: 90_000 });
    return Math.round(performance.now() - began);
  }

  /** Places orders while `work` breaks things, and until there are `atLeast` so many; all that were acknowledged. */
  async during(work: () => Promise<void>, { atLeast = 10, atOnce = 4, restMs = 200 } = {}): Promise<PlacedOrder[]> {
    let [placed, over] = [0, false];
    const enough = () => (placed += 1) >= atLeast && over;
    const { customer: by, sku } = this;
    const placing = placeOrders({ by, sku, count: enough, atOnce, restMs, patienceMs: 120_000 });
    placing.catch(() => {}); // awaited below, when the breaking is over
    try {
      await work();
    } finally {
      over = true;
    }
    return placing;
  }

  /** Every acknowledged order came to its end, and the shop kept its word everywhere; in words, for the report. */
  async holds(placed: readonly PlacedOrder[]): Promise<string> {
    this.proxy.heal();
    await this.shop.quiet(120_000);
    await expectKept(this.customer, placed);
    await expectInvariants(this.shop, { traces: 0 }); // a killed process takes its spans along
    return `${placed.length} orders, 0 lost, each captured once (${statusesOf(placed)})`;
  }

  /** Each stream holds what its outbox told, in that order; how many messages that is. */
  async expectStreamsInOrder(): Promise<number> {
    const connection = await connectNats({ url: this.nats.url, name: 'operator' });
    let seen = 0;
    try {
      const jsm = await jetstreamManager(connection, { checkAPI: false });
      for (const context of await contextsOf(this.shop.database)) {
        const { rows } = await this.shop.database.query<{ id: string }>(
          `select message_id as id from ${context}.outbox order by xid, position`,
        );
        if (rows.length === 0) continue;
        const stream = `HOLDFAST_${context}`;
        const { state } = await jsm.streams.info(stream);
        const length = state.last_seq - state.first_seq + 1;
        const asked = Array.from({ length }, (_, index) =>
          jsm.streams.getMessage(stream, { seq: state.first_seq + index }),
        );
        const ids = (await Promise.all(asked)).map((message) => message!.json<{ id: string }>().id);
        expect({ context, ids }).toEqual({ context, ids: rows.map(({ id }) => id) });
        seen += ids.length;
      }
    } finally {
      await connection.close();
    }
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.proxy.heal();
    await this.shop[Symbol.asyncDispose]();
    await this.proxy.stop();
    await this.nats.remove();
  }
}
