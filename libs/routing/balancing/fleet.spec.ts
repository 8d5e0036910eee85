import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FileRegistry } from '../discovery/file/file-registry.js';
import { InstanceList } from '../discovery/instance-list.js';
import type { Instance, Registry } from '../discovery/registry.js';
import { Fleet } from './fleet.js';
import type { Replica } from './replica.js';

describe('a fleet', () => {
  let now: number;
  let fleet: Fleet;
  const ejected: Replica[] = [];
  const list = () => new InstanceList({ awayAfterMs: 1_000 });

  const open = (instances: InstanceList): Fleet => {
    const registry: Registry = {
      kind: 'list',
      register: () => Promise.reject(new Error('not here')),
      watch: (service) => instances.watch(service),
      freshness: () => instances.freshness(),
      close: () => Promise.resolve(),
    };
    fleet = new Fleet({
      registry,
      services: ['toys'],
      timeoutMs: 100,
      connections: 1,
      now: () => now,
      ejected: (replica) => ejected.push(replica),
    });
    return fleet;
  };
  const at = (port: number, id = `toys-${port}`): Instance => ({
    service: 'toys',
    id,
    url: `http://127.0.0.1:${port}`,
  });
  beforeEach(() => {
    now = 0;
    ejected.length = 0;
  });
  afterEach(() => fleet.close());
  const fail = (replica: Replica, times = 5) => {
    for (let time = 0; time < times; time++) fleet.ended(replica, 'failed');
  };

  it('ejects after five errors in a row, for 30 s × n, at most 300 s, and forgives what is long ago', () => {
    const instances = list();
    instances.replace('toys', [at(4001), at(4002)]);
    const [failing] = open(instances).of('toys');
    fail(failing!, 4);
    fleet.ended(failing!, 'answered');
    fleet.ended(failing!, 'neutral');
    fail(failing!, 4);
    expect(failing!.stateAt(now)).toBe('unknown');
    const durations: number[] = [];
    for (let time = 0; time < 12; time++) {
      fail(failing!);
      const since = now;
      while (failing!.stateAt(now) === 'ejected') now += 1_000;
      durations.push(now - since);
    }
    expect(durations.map((ms) => ms / 1_000)).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]);
    now += 11 * 30_000;
    fail(failing!);
    expect(failing!.stateAt(now + 59_999)).toBe('ejected');
    expect(failing!.stateAt(now + 60_000)).toBe('unknown');
  });

  it.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
  ])('of %i replicas that all fail it ejects %i', (count, most) => {
    const instances = list();
    instances.replace(
      'toys',
      Array.from({ length: count }, (_, index) => at(4_001 + index)),
    );
    for (const replica of open(instances).of('toys')) fail(replica);
    expect(ejected).toHaveLength(most);
    expect(fleet.choose('toys')).toBeDefined();
  });

  it('does not hold against a new process what the old one did at the same address', () => {
    const instances = list();
    instances.replace('toys', [at(4001, 'old'), at(4002)]);
    const [failing] = open(instances).of('toys');
    fail(failing!);
    expect(failing!.stateAt(now)).toBe('ejected');
    instances.heard(at(4001, 'new'));
    expect(
      fleet
        .of('toys')
        .find(({ url }) => url === failing!.url)!
        .stateAt(now),
    ).toBe('unknown');
  });

  it('follows the list: who joins is chosen, who leaves is not', () => {
    const instances = list();
    open(instances);
    expect(fleet.choose('toys')).toBeUndefined();
    instances.heard(at(4001));
    expect(fleet.choose('toys')?.url).toBe('http://127.0.0.1:4001');
    instances.gone('toys', 'toys-4001');
    expect(fleet.choose('toys')).toBeUndefined();
    expect(fleet.all()).toEqual([]);
  });

  it('takes a ready one’s word until it is asked again, however seldom that is', async () => {
    const server = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const instances = new InstanceList({ ttlMs: 100, awayAfterMs: 1_000, now: () => now, after: () => () => {} });
    instances.proved();
    instances.heard(at((server.address() as AddressInfo).port));
    now = 200;
    instances.proved();
    await open(instances).start(5_000);
    const [lost] = fleet.of('toys');
    expect(lost!.stateAt(now)).toBe('silent');
    const answeredAgo = (ms: number) => Object.assign(lost!.host, { answeredAt: performance.now() - ms });
    answeredAgo(5_900);
    expect(fleet.choose('toys')).toBe(lost);
    answeredAgo(12_000);
    expect(fleet.choose('toys')).toBeUndefined();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('knows a process that answers for several services as one', async () => {
    const one = 'http://127.0.0.1:4001';
    const registry = new FileRegistry({ source: JSON.stringify({ toys: [one], games: one }) });
    fleet = new Fleet({ registry, services: ['toys', 'games'], timeoutMs: 100, connections: 1 });
    expect(fleet.all()).toHaveLength(1);
    expect(fleet.of('toys')[0]!.host).toBe(fleet.of('games')[0]!.host);
    expect(fleet.servicesAt(one)).toEqual(['toys', 'games']);
    expect(fleet.servicesAt('http://127.0.0.1:4002')).toEqual([]);
    await registry.close();
  });
});
