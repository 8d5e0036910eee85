import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventually } from '../../../../test/support/eventually.js';
import { inFull } from '../../../../test/support/faults/report.js';
import { NatsServer } from '../../../../test/support/nats-server.js';
import { keepRegistered, type Presence } from '../keep-registered.js';
import { registryConformance } from '../registry-conformance.fixture.js';
import type { Instance } from '../registry.js';
import { NatsKvRegistry } from './nats-kv-registry.js';

let server: NatsServer;
let connections: NatsConnection[] = [];
const line = async () => {
  const options = { servers: server.url, reconnectTimeWait: 50, maxReconnectAttempts: -1, waitOnFirstConnect: true };
  const connection = await connect({ ...options, reconnectJitter: 0 });
  connections.push(connection);
  return connection;
};
beforeAll(async () => void (server = await NatsServer.start()));
afterAll(() => server.remove());
afterEach(async () => {
  await Promise.all(connections.map((one) => one.close()));
  connections = [];
});
const registry = async (more: { ttlMs?: number } = {}) =>
  new NatsKvRegistry({ connection: await line(), everyMs: 100, ...more });

registryConformance('NATS', async () => {
  const own = await registry();
  const present = new Map<string, Presence>();
  return {
    tellsDraining: true,
    observe: () => registry(),
    announce: async (instance: Instance) => {
      if (instance.draining) return present.get(instance.id)!.drain();
      present.set(instance.id, keepRegistered(own, instance, { everyMs: 200 }));
      return Promise.resolve();
    },
    withdraw: async ({ id }: Instance) => present.get(id)!.leave(),
    breakDown: () => server.end(),
    mend: () => server.restart(),
    close: async () => {
      await Promise.all([...present.values()].map((one) => one.leave()));
      await own.close();
    },
  };
});

describe('the registry in NATS', () => {
  const open: NatsKvRegistry[] = [];
  const observer = async (more: { ttlMs?: number } = {}) => {
    const one = await registry(more);
    open.push(one);
    return one;
  };
  afterEach(() => Promise.all(open.splice(0).map((one) => one.close())));
  const at = (id: string, port: number): Instance => ({ service: 'toys', id, url: `http://127.0.0.1:${port}` });
  const states = (one: NatsKvRegistry) =>
    one
      .watch('toys')
      .instances.map(({ id, state }) => `${id} ${state}`)
      .sort();

  it('shows a dead instance as silent within 3 s of its last heartbeat, and the living as up', async () => {
    const watching = await observer();
    const [dies, lives] = [await observer(), await observer()];
    const living = keepRegistered(lives, at('lives', 4_001), { everyMs: 500 });
    const silent = Promise.withResolvers<number>();
    let seen = false;
    watching.watch('toys').onChange((all) => {
      const state = all.find(({ id }) => id === 'dies')?.state;
      seen ||= state === 'up';
      if (state === 'silent') silent.resolve(performance.now());
    });
    await watching.watch('toys').ready;
    const lastBeatAt = performance.now();
    await dies.register(at('dies', 4_002)); // its only heartbeat
    await eventually(() => seen, { what: 'the instance was up' });
    const lateMs = (await silent.promise) - lastBeatAt;
    expect(lateMs).toBeGreaterThan(2_700);
    expect(lateMs).toBeLessThan(inFull ? 3_000 : 20_000); // of a machine that is busy with tests
    expect(states(watching)).toEqual(['dies silent', 'lives up']);
    await living.leave();
  });

  it('finds the dead with a short TTL as well, when nothing else is said', async () => {
    const opened = Array.from({ length: 2 }, async () => new NatsKvRegistry({ connection: await line(), ttlMs: 900 }));
    const [watching, dies] = (await Promise.all(opened)) as [NatsKvRegistry, NatsKvRegistry];
    open.push(watching, dies);
    await watching.watch('toys').ready;
    await dies.register(at('dies', 4_002)); // its only heartbeat
    await eventually(() => String(states(watching)) === 'dies silent', {
      what: () => `it is silent; it is [${String(states(watching))}]`,
    });
  });

  it('takes the first entry on a server that has no bucket yet, whoever is first', async () => {
    await server.end();
    await server.restart(); // the bucket is kept in memory
    const failures: unknown[] = [];
    const presences = await Promise.all(
      [4_001, 4_002, 4_003].map(async (port) => {
        const failed = (error: unknown) => failures.push(error);
        return keepRegistered(await registry(), at(`first-${port}`, port), { everyMs: 60_000, failed });
      }),
    );
    const watching = await observer();
    await watching.watch('toys').ready;
    const up = ['first-4001 up', 'first-4002 up', 'first-4003 up'];
    await eventually(() => String(states(watching)) === String(up), { what: 'all three are in the list' });
    expect(failures).toEqual([]);
    for (const one of presences) await one.leave();
  });

  it('tells an observer who comes late how old an entry is, not that it is new', async () => {
    const dies = await observer({ ttlMs: 2_000 });
    const bornAt = performance.now();
    await dies.register(at('dies', 4_002));
    await eventually(() => performance.now() - bornAt > 1_200, { what: 'the entry to be old' });
    const late = await observer({ ttlMs: 2_000 });
    const silent = Promise.withResolvers<number>();
    late.watch('toys').onChange((all) => {
      if (all.some(({ state }) => state === 'silent')) silent.resolve(performance.now());
    });
    await late.watch('toys').ready;
    const lookedAt = performance.now();
    const isForgotten = states(late).length === 0;
    expect(isForgotten && lookedAt - bornAt < 2_000).toBe(false);
    if (isForgotten) return; // looking took so long that it was nobody any more
    expect((await silent.promise) - lookedAt).toBeLessThan(inFull ? 1_500 : 10_000);
  });

  it.each([
    ['frozen', () => server.freeze(), () => server.thaw()],
    [
      'killed and wiped',
      () => server.end(),
      async () => {
        server.wipe();
        await server.restart();
      },
    ],
  ])(
    'outlives a server that is %s: nobody is lost, and who joined meanwhile is found',
    async (_how, end, begin) => {
      const watching = await observer({ ttlMs: 1_000 });
      const shortest: number[] = [];
      watching.watch('toys').onChange((all) => shortest.push(all.filter(({ state }) => state === 'up').length));
      const member = await observer({ ttlMs: 1_000 });
      const first = keepRegistered(member, at('first', 4_001), { everyMs: 200 });
      await eventually(() => String(states(watching)) === 'first up', { what: 'first is up' });
      shortest.length = 0;
      await end();
      await eventually(() => watching.freshness().ageMs > 2_500, {
        what: 'the registry was away for longer than the TTL',
      });
      const second = keepRegistered(member, at('second', 4_002), { everyMs: 200 });
      await begin();
      await eventually(() => String(states(watching)) === 'first up,second up', {
        what: () => `both are up; it is [${String(states(watching))}]`,
        withinMs: 20_000,
      });
      expect(Math.min(...shortest)).toBeGreaterThan(0);
      await Promise.all([first.leave(), second.leave()]);
      await eventually(() => states(watching).length === 0, { what: 'both have left' });
    },
    60_000,
  );

  it('refuses names that are more than one part of a subject', async () => {
    const one = await observer();
    for (const id of ['a.b', '>', '*', 'a b', ''])
      await expect(one.register(at(id, 4_001))).rejects.toThrow('cannot name');
  });

  it('refuses beats that are too rare to prove anything', async () => {
    const connection = await line();
    expect(() => new NatsKvRegistry({ connection, ttlMs: 2_000, everyMs: 500 })).toThrow(RangeError);
  });

  it('says why it is not heard of, and hears of it once the server lets it in', async () => {
    const refusal = new Error('Authorization Violation');
    const told: unknown[] = [];
    let calls = 0;
    let known = false;
    const connection = async () => {
      calls += 1;
      if (!known) throw refusal;
      return line();
    };
    const refused = new NatsKvRegistry({
      connection,
      everyMs: 100,
      dialEveryMs: 20,
      failed: (error) => told.push(error),
    });
    open.push(refused);
    refused.watch('toys');
    await eventually(() => calls > 2, { what: 'it asks again' });
    expect(refused.freshness()).toMatchObject({ live: false, reason: 'Authorization Violation' });
    expect(told).toEqual([refusal]);
    known = true;
    await eventually(() => refused.freshness().live, { what: 'it hears of the registry' });
  });

  it('stops asking for a connection when it is closed', async () => {
    let calls = 0;
    const connection = async () => {
      calls += 1;
      throw new Error('Authorization Violation');
    };
    const refused = new NatsKvRegistry({ connection, dialEveryMs: 3_600_000 });
    refused.watch('toys');
    await refused.close();
    expect(calls).toBe(1);
  });
});
