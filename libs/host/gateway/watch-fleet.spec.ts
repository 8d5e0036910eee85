import { HealthRegistry } from '@holdfast/observability';
import { FileRegistry, Fleet } from '@holdfast/routing';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from '../context/context.js';
import { watchFleet } from './watch-fleet.js';

const named = (name: string, ...sagas: string[]) => ({ name, sagas }) as unknown as Context;

describe('what a gateway says of the contexts behind it', () => {
  const servers: Server[] = [];
  let fleet: Fleet;
  let registry: FileRegistry;
  let reportsAsked = 0;

  const process = (report: string): Promise<string> =>
    serve((request, response) => {
      if (request.url === '/healthz') reportsAsked += 1;
      response.end(report);
    });
  const serve = async (behave: RequestListener): Promise<string> => {
    const server = createServer(behave);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const watch = async (instances: Record<string, string[]>, ...contexts: Context[]): Promise<HealthRegistry> => {
    registry = new FileRegistry({ source: JSON.stringify(instances) });
    const services = contexts.map(({ name }) => name);
    fleet = new Fleet({ registry, services, required: Object.keys(instances), timeoutMs: 10_000, connections: 4 });
    await fleet.start(1_000);
    const health = new HealthRegistry();
    watchFleet(health, fleet, contexts);
    return health;
  };
  beforeEach(() => (reportsAsked = 0));
  afterEach(async () => {
    await fleet.close();
    await registry.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  const details = {
    'toys.road': { status: 'up', outbox: 1 },
    'toys.sagas': { status: 'degraded', stuck: 2 },
    'books.road': { status: 'up', outbox: 3 },
  };

  it('is what they say, and a process is asked once for all that it knows', async () => {
    const one = await process(JSON.stringify({ details }));
    const health = await watch({ toys: [one], books: [one] }, named('toys', 'play'), named('books'), named('maps'));
    expect(Object.fromEntries(await health.findings())).toMatchObject({
      ...details,
      'toys.targets': { status: 'up', ready: 1, of: 1 },
      'maps.road': { status: 'up', message: 'in no process' },
    });
    expect(reportsAsked).toBe(1);
    await health.findings();
    expect(reportsAsked).toBe(2);
  });

  it('is the part that is slow, not the whole process', async () => {
    const inside = new HealthRegistry();
    inside.register('toys.road', () => ({ status: 'up' }));
    inside.register('toys.sagas', () => new Promise<never>(() => {}));
    const slow = await serve(async (request, response) => {
      const details = request.url === '/healthz' ? Object.fromEntries(await inside.findings()) : {};
      response.end(JSON.stringify({ details }));
    });
    const health = await watch({ toys: [slow] }, named('toys', 'play'));
    expect(Object.fromEntries(await health.findings())).toMatchObject({
      'toys.road': { status: 'up' },
      'toys.sagas': { status: 'down', message: 'no answer within 1000 ms' },
    });
  });

  it('is that nobody answers, or not in a way that could be read', async () => {
    const away = await process('');
    const garbled = await process('<html>');
    servers.shift()!.close();
    const health = await watch({ toys: [away], books: [garbled] }, named('toys', 'play'), named('books'));
    const findings = Object.fromEntries(await health.findings());
    for (const part of ['toys.road', 'toys.sagas', 'books.road'])
      expect(findings[part]).toMatchObject({ status: 'down' });
  });
});
