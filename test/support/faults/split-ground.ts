import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats } from '@holdfast/messaging';
import type { Elsewhere } from '../../../scripts/topology/start-topology.mjs';
import type { Supervised } from '../../../scripts/topology/supervise.mjs';
import { eventually, inParallel } from '../eventually.js';
import { expectInvariants } from '../invariants.js';
import { NatsServer } from '../nats-server.js';
import { contextsOf } from '../quiet.js';
import type { Shop, ShopOptions } from '../shop.js';
import { processesBehind } from '../supervised.js';
import { type Topology, topologyOf } from '../topology.js';
import type { User } from '../user.js';
import type { Apart } from './apart.js';
import { NatsProxy } from './nats-proxy.js';
import { expectKept, type PlacedOrder, placeOrders, statusesOf } from './orders-under-fault.js';
import { connectsFrom, murder } from './process-control.js';
import { inFull } from './report.js';
import { type Address, WireProxy } from './wire-proxy.js';

/** Every order is work for all processes: in `npm test` there are enough of them for something to be under way. */
const PACE = inFull ? { atLeast: 10, atOnce: 4, restMs: 200 } : { atLeast: 6, atOnce: 3, restMs: 1_000 };
/** Less than half of what a token lives: one time may fail. */
const RENEWED_EVERY_MS = 240_000;

export interface SplitGroundOptions extends ShopOptions {
  /** The file of its topology; default one process per context. */
  file?: string;
  /** Those of its processes that are in a network of their own; default none. */
  apart?: Apart | undefined;
}

/** A shop in many processes, with a broker of its own and a wire before it, to be broken at will. */
export class SplitGround implements AsyncDisposable {
  private constructor(
    readonly shop: Shop,
    readonly customer: User,
    readonly sku: string,
    private readonly around: Surroundings,
  ) {}

  static async start({ file, apart, env, ...options }: SplitGroundOptions = {}): Promise<SplitGround> {
    const nats = await NatsServer.start();
    const wire = await NatsProxy.start(() => nats, apart?.outside);
    try {
      const topology = topologyOf('split', file, apart?.elsewhere);
      return await SplitGround.on(topology, { wire, nats, apart }, { ...options, env: { NATS_URL: wire.url, ...env } });
    } catch (error) {
      await wire.stop();
      await nats.remove();
      throw error;
    }
  }

  /**
   * As `npm run start:split` has it: the topology's own broker, with TLS and a key for each process. Nobody can read what
   * passes on the wire; whose a connection is shows in the process that has it open.
   */
  static async secured(): Promise<SplitGround> {
    let [broker, ground]: [Address?, SplitGround?] = [];
    const nameOf = (port: number) => ground?.processes.find(({ pid }) => pid && connectsFrom(pid, port))?.name ?? '';
    const wire = await WireProxy.open({ to: () => broker!, nameOf }).listening();
    const throughTheWire: Elsewhere = (_, given) => {
      const url = new URL(given.NATS_URL!);
      broker = { host: url.hostname, port: Number(url.port) };
      url.port = String(wire.port);
      return { env: { ...given, NATS_URL: url.href } };
    };
    try {
      const topology = topologyOf('split', undefined, throughTheWire);
      return (ground = await SplitGround.on(topology, { wire }));
    } catch (error) {
      await wire.stop();
      throw error;
    }
  }

  private static async on(
    topology: Topology,
    around: Surroundings,
    { env, ...options }: ShopOptions = {},
  ): Promise<SplitGround> {
    const shop = await topology.start({ ...options, env: { DATABASE_POOL_SIZE: '4', ...env } });
    const sku = await shop.sell({ onHand: 1_000_000 });
    return new SplitGround(shop, await shop.customer(), sku, around);
  }

  get wire(): WireProxy {
    return this.around.wire;
  }

  /** @throws Error for a secured one: its broker is the topology's */
  get nats(): NatsServer {
    if (!this.around.nats) throw new Error('The broker belongs to the topology');
    return this.around.nats;
  }

  /** @throws Error for a secured one: only its wire can be broken */
  get proxy(): NatsProxy {
    if (!(this.wire instanceof NatsProxy)) throw new Error('What passes is encrypted');
    return this.wire;
  }

  get processes(): readonly Supervised[] {
    return processesBehind(this.shop.url).processes;
  }

  /** Whether it has the connection that PostgreSQL sees come from this port. */
  connectsFrom({ pid }: Supervised, port: number): boolean {
    return connectsFrom(pid!, this.around.apart?.origin(port) ?? port);
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
  async during(work: () => Promise<void>, pace: Partial<typeof PACE> = {}): Promise<PlacedOrder[]> {
    const { atLeast, atOnce, restMs } = { ...PACE, ...pace };
    let [placed, over] = [0, false];
    const enough = () => (placed += 1) >= atLeast && over;
    const { customer: by, sku } = this;
    await by.renew();
    const staying = setInterval(() => by.renew().catch(() => {}), RENEWED_EVERY_MS); // while users is away: the next time
    const placing = placeOrders({ by, sku, count: enough, atOnce, restMs, patienceMs: 120_000 });
    placing.finally(() => clearInterval(staying)).catch(() => {}); // awaited below, when the breaking is over
    try {
      await work();
    } finally {
      over = true;
    }
    return placing;
  }

  /** Every acknowledged order came to its end, and the shop kept its word everywhere; in words, for the report. */
  async holds(placed: readonly PlacedOrder[]): Promise<string> {
    this.wire.heal();
    await this.shop.quiet(300_000); // whoever asked in vain four times asks again after two minutes
    await this.customer.renew();
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
        const sequences = Array.from({ length }, (_, index) => state.first_seq + index);
        const messages = await inParallel(sequences, 50, (seq) => jsm.streams.getMessage(stream, { seq }));
        const ids = messages.map((message) => message!.json<{ id: string }>().id);
        expect({ context, ids }).toEqual({ context, ids: rows.map(({ id }) => id) });
        seen += ids.length;
      }
    } finally {
      await connection.close();
    }
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.wire.heal();
    await this.shop[Symbol.asyncDispose]();
    await this.wire.stop();
    await this.around.nats?.remove();
  }
}

interface Surroundings {
  wire: WireProxy;
  nats?: NatsServer;
  apart?: Apart | undefined;
}
