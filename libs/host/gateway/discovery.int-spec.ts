import { connectNats } from '@holdfast/messaging';
import { Fleet, NatsKvRegistry, keepRegistered, type Presence } from '@holdfast/routing';
import Fastify, { type FastifyInstance } from 'fastify';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../../../test/support/eventually.js';
import { inFull } from '../../../test/support/faults/report.js';
import { NatsServer } from '../../../test/support/nats-server.js';
import { PassThrough } from './pass-through.js';

/** A process that serves toys and counts its calls. */
interface ToyShop {
  server: Server;
  url: string;
  calledAt: number[];
  presence: Presence;
}

describe('a gateway that finds its replicas in NATS', () => {
  let nats: NatsServer;
  let gateway: FastifyInstance;
  let fleet: Fleet;
  let url: string;
  const shops: ToyShop[] = [];
  const toClose: (() => Promise<unknown>)[] = [];

  const line = async (name: string) => {
    const connection = await connectNats({ url: nats.url, name });
    toClose.push(() => connection.close());
    return connection;
  };
  const openShop = async (id: string): Promise<ToyShop> => {
    const calledAt: number[] = [];
    const server = createServer((request, response) => {
      if (request.url !== '/readyz') calledAt.push(performance.now());
      response.end(id);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const registry = new NatsKvRegistry({ connection: await line(id) });
    const presence = keepRegistered(registry, { service: 'toys', id, url: address });
    const shop = { server, url: address, calledAt, presence };
    shops.push(shop);
    return shop;
  };
  /** Its last heartbeat was at most one second ago. */
  const stopBeating = async (): Promise<number> => {
    await toClose.pop()!(); // its line was the last that was opened
    return performance.now();
  };
  const asked = async () => {
    const answer = await fetch(`${url}/toys`);
    return { status: answer.status, text: await answer.text() };
  };
  const states = () => fleet.of('toys').map((replica) => replica.stateAt(performance.now()));

  beforeEach(async () => {
    nats = await NatsServer.start();
    const registry = new NatsKvRegistry({ connection: await line('gateway'), observer: 'gateway' });
    fleet = new Fleet({ registry, services: ['toys'], timeoutMs: 1_000, connections: 8 });
    toClose.push(() => fleet.close());
    toClose.push(() => registry.close());
    await fleet.start(100);
    const passThrough = new PassThrough(fleet, { identity: { headers: () => [] } });
    gateway = Fastify();
    gateway.all('/*', (request, reply) => passThrough.forward({ audience: 'toys', open: false }, request, reply));
    url = await gateway.listen({ port: 0, host: '127.0.0.1' });
    toClose.unshift(() => gateway.close());
    await openShop('first');
    await openShop('second');
    await eventually(() => String(states()) === 'ready,ready', { what: () => `both to be ready: ${states()}` });
  }, 30_000);
  afterEach(async () => {
    for (const { presence } of shops) await Promise.race([presence.leave(), Promise.resolve()]);
    for (const close of toClose.splice(0)) await close();
    for (const { server } of shops.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await nats.remove();
  });

  it('sends nothing to a replica 3 s after its last heartbeat, though its port still answers', async () => {
    const second = shops[1]!;
    const lastBeatBefore = await stopBeating();
    const statuses: number[] = [];
    while (!states().includes('silent') && performance.now() - lastBeatBefore < 15_000)
      statuses.push((await asked()).status);
    const silentAt = performance.now();
    expect(states().toSorted()).toEqual(['ready', 'silent']);
    // A machine so busy that our own beat is late makes the registry suspect first, and everybody gets a TTL more.
    if (inFull) expect(silentAt - lastBeatBefore).toBeLessThan(3_000);
    const before = second.calledAt.length;
    expect(before).toBeGreaterThan(0);
    for (let turn = 0; turn < 50; turn++) statuses.push((await asked()).status);
    expect(second.calledAt.length).toBe(before);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
  }, 30_000);

  it('sends nothing new to one that drains, from the moment it has said so', async () => {
    const [first, second] = shops;
    await second!.presence.drain();
    await eventually(() => states().includes('draining'), { what: 'the drain is seen', everyMs: 1 });
    const before = second!.calledAt.length;
    for (let turn = 0; turn < 20; turn++) expect(await asked()).toEqual({ status: 200, text: 'first' });
    expect(second!.calledAt.length).toBe(before);
    expect(first!.calledAt.length).toBeGreaterThanOrEqual(20);
  });

  it('knows one that joins within a second', async () => {
    const joinedAt = performance.now();
    const third = await openShop('third');
    await eventually(() => fleet.of('toys').some((replica) => replica.url === third.url), {
      what: 'the third is listed',
      everyMs: 5,
    });
    expect(performance.now() - joinedAt).toBeLessThan(inFull ? 1_000 : 5_000); // of a machine that is busy with tests
  });

  it('goes on with the last list while NATS is away, and drops in it who does not answer', async () => {
    await nats.end();
    await eventually(() => !fleet.freshness().live && fleet.freshness().ageMs > 3_500, { what: 'the list is old' });
    for (let turn = 0; turn < 20; turn++) expect((await asked()).status).toBe(200);
    const { server } = shops[1]!;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    for (let turn = 0; turn < 20; turn++) expect(await asked()).toEqual({ status: 200, text: 'first' });
    expect(states()).toEqual(['ready', 'away']);
  }, 30_000);
});
