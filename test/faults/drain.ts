import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { eventually, inParallel } from '../support/eventually.js';
import { ordersTold } from '../support/faults/orders-under-fault.js';
import { inFull } from '../support/faults/report.js';
import { expectInvariants } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { type User, orderOf } from '../support/user.js';

/** The status, or the code of the error. */
type Outcome = number | string;

const CLIENTS = 8;

/** As a proxy would: over connections that are kept. */
function send(by: User, method: 'GET' | 'POST', agent: Agent): Promise<Outcome> {
  return new Promise((resolve) => {
    const headers = {
      authorization: `Bearer ${by.tokens.accessToken}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    };
    const outgoing = request(`${by.url}/api/v1/orders`, { method, agent, headers });
    outgoing.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode!));
      response.on('error', (error) => resolve(`cut off: ${error.message}`));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    outgoing.end(method === 'POST' ? JSON.stringify(orderOf()) : undefined);
  });
}

/** Its end comes with the test's, however that ends: nobody is left sending. */
interface Load extends Disposable {
  outcomes: Outcome[];
  /** Resolves with what became of each request, once it is over. */
  ended: Promise<Outcome[]>;
}

/** Reads, and an order now and then, without a pause until `over`. */
function load(by: User, over: (last: Outcome[]) => boolean): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const outcomes: Outcome[] = [];
  const test = new AbortController();
  const sending = inParallel(Array.from({ length: CLIENTS }), CLIENTS, async () => {
    for (let turn = 0; !test.signal.aborted && !over(outcomes); turn++) {
      outcomes.push(await send(by, turn % 10 === 0 ? 'POST' : 'GET', agent));
    }
  });
  const ended = sending.then(() => (agent.destroy(), outcomes));
  return { outcomes, ended, [Symbol.dispose]: () => test.abort() };
}

const underWay = (traffic: Load) =>
  eventually(() => traffic.outcomes.length > (inFull ? 300 : 100), { what: 'a load', withinMs: 45_000 });

/** How long a process that stops still answers while it is taken out of the routing. */
const ROUTING_WAIT = 'SHUTDOWN_ROUTING_WAIT_MS';

/** What there was before the load. */
interface Before {
  orders: number;
  lines: number;
}

const before = async (shop: Shop): Promise<Before> => ({
  orders: await ordersTold(shop.database),
  lines: shop.logs().length,
});

/** Starts the shop again, with the wait that the next test needs, and looks for the orders that were told as good. */
async function expectKept(shop: Shop, load: { was: Before; good: number; nextWait: string }): Promise<void> {
  await shop.restart({ [ROUTING_WAIT]: load.nextWait });
  await shop.quiet(60_000);
  expect(await ordersTold(shop.database)).toBeGreaterThanOrEqual(load.was.orders + load.good);
  const since = shop.logs().slice(load.was.lines);
  expect(since.filter((line) => /"level":"(error|fatal)"|timed out/.test(line))).toEqual([]);
  await expectInvariants(shop, { traces: 0 });
}

export function drain(running: () => Shop): void {
  describe('SIGTERM under load', () => {
    /** The shop, started with this wait: the test before has usually left it so. */
    async function shopWaiting(ms: string): Promise<Shop> {
      const shop = running();
      if ((shop.env[ROUTING_WAIT] ?? '0') === ms) return shop;
      await shop.stop();
      await shop.restart({ [ROUTING_WAIT]: ms });
      return shop;
    }

    it('keeps what it has acknowledged, also when nobody has been told that it ends', async () => {
      const shop = await shopWaiting('0');
      const was = await before(shop);
      const ada = await shop.customer();
      let stopping = false;
      using traffic = load(ada, (outcomes) => stopping && outcomes.includes('ECONNREFUSED'));
      await underWay(traffic);
      stopping = true;
      expect(await shop.stop()).toBe(0);
      const outcomes = await traffic.ended;
      // A new connection may be refused, or reset before it was accepted; nothing that was begun is broken off.
      const allowed = new Set<Outcome>([200, 201, 503, 'ECONNREFUSED', 'ECONNRESET']);
      expect(outcomes.filter((outcome) => !allowed.has(outcome))).toEqual([]);
      const good = outcomes.filter((outcome) => outcome === 201).length;
      await expectKept(shop, { was, good, nextWait: '500' });
    }, 120_000);

    it('fails not one request behind a balancer that looks at /readyz', async () => {
      const shop = await shopWaiting('500');
      const was = await before(shop);
      const ada = await shop.customer();
      let routed = true;
      using traffic = load(ada, () => !routed);
      await underWay(traffic);
      const started = performance.now();
      const stopped = shop.stop();
      await eventually(async () => (await shop.get('/readyz')).status === 503, {
        what: 'not ready any more',
        everyMs: 50,
      });
      routed = false;
      const outcomes = await traffic.ended;
      expect(await stopped).toBe(0);
      expect(performance.now() - started).toBeLessThan(25_000);
      expect(outcomes.filter((outcome) => outcome !== 200 && outcome !== 201)).toEqual([]);
      const good = outcomes.filter((outcome) => outcome === 201).length;
      await expectKept(shop, { was, good, nextWait: '10000' });
    }, 120_000);

    it('a second signal ends it at once', async () => {
      const shop = await shopWaiting('10000');
      process.kill(shop.pid, 'SIGTERM');
      await eventually(async () => (await shop.get('/readyz')).status === 503, { what: 'it is not ready any more' });
      expect((await shop.get('/livez')).status).toBe(200);
      expect((await shop.get('/api/v1/products')).status).toBe(200); // still served while balancers take it out
      const started = performance.now();
      process.kill(shop.pid, 'SIGTERM');
      expect(await shop.exited).not.toBe(0);
      expect(performance.now() - started).toBeLessThan(10_000); // it does not wait for the routing any more
    }, 180_000);
  });
}
