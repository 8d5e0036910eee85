import { Resolver } from 'node:dns/promises';
import { eventually } from '../../../../test/support/eventually.js';
import { registryConformance } from '../registry-conformance.fixture.js';
import type { Instance } from '../registry.js';
import { DnsRegistry } from './dns-registry.js';
import type { DnsNames } from './lookup.js';
import { NameServer } from '../../../../test/support/name-server.js';

function observer({ address }: NameServer, names: DnsNames): DnsRegistry {
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([address]);
  return new DnsRegistry({ ...names, resolver, everyMs: 20 });
}

const nameOf = (service: string) => `${service}.example.test`;

registryConformance('DNS', async () => {
  const server = await NameServer.start();
  const known = new Map<string, Instance>();
  const publish = (service: string) => {
    const hosts = [...known.values()].filter((one) => one.service === service).map(({ url }) => new URL(url).hostname);
    server.a(nameOf(service), ...hosts);
    return Promise.resolve();
  };
  return {
    tellsDraining: false,
    observe: () => Promise.resolve(observer(server, { name: nameOf('{service}'), port: 4_000 })),
    announce: (instance) => publish((known.set(instance.id, instance), instance.service)),
    withdraw: ({ id, service }) => publish((known.delete(id), service)),
    breakDown: () => server.stop(),
    mend: () => server.listen(),
    close: () => server.stop(),
  };
});

describe('what DNS says', () => {
  let server: NameServer;
  let registry: DnsRegistry;
  beforeEach(async () => void (server = await NameServer.start()));
  afterEach(async () => {
    await registry.close();
    await server.stop();
  });
  const open = (names: DnsNames) => (registry = observer(server, names));
  const urls = () =>
    registry
      .watch('toys')
      .instances.map(({ url }) => url)
      .sort();
  const shows = (...expected: string[]) =>
    eventually(() => String(urls()) === String(expected), { what: () => `[${expected}]; it is [${urls()}]` });

  it('is addresses of both families', async () => {
    server.a(nameOf('toys'), '127.0.0.11');
    server.aaaa(nameOf('toys'), 1);
    open({ name: nameOf('{service}'), port: 4_000, scheme: 'https' });
    await shows('https://127.0.0.11:4000', 'https://[::1]:4000');
  });

  it('is SRV records of the best priority, with their ports', async () => {
    server.srv(
      '_http._tcp.toys.example.test',
      { host: 'one.example.test', port: 4_001 },
      { host: 'one.example.test', port: 4_002 },
      { host: 'spare.example.test', port: 4_003, priority: 10 },
    );
    server.a('one.example.test', '127.0.0.11');
    server.a('spare.example.test', '127.0.0.12');
    open({ name: '_http._tcp.{service}.example.test', record: 'srv' });
    await shows('http://127.0.0.11:4001', 'http://127.0.0.11:4002');
  });

  it('changes nothing while a server answers that it has failed', async () => {
    server.a(nameOf('toys'), '127.0.0.11');
    open({ name: nameOf('{service}'), port: 4_000 });
    await shows('http://127.0.0.11:4000');
    server.failing = true;
    await eventually(() => !registry.freshness().live, { what: 'the failure is noticed' });
    expect(urls()).toEqual(['http://127.0.0.11:4000']);
    server.failing = false;
    server.a(nameOf('toys'), '127.0.0.12');
    await shows('http://127.0.0.12:4000');
    expect(registry.freshness().live).toBe(true);
  });
});
