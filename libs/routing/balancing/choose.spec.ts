import { choose } from './choose.js';
import { Host } from './host.js';
import { OUTLIER_DEFAULTS } from './outlier.js';
import { pick } from './pick.js';
import { Replica } from './replica.js';

/** Mulberry32: small, and the same numbers for the same seed everywhere. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('the power of two choices', () => {
  it('takes the one with less to do, and all when they have the same', () => {
    const random = seeded(1);
    const [idle, busy] = [{ inFlight: 1 }, { inFlight: 2 }];
    for (let round = 0; round < 50; round++) expect(pick([busy, idle], random)).toBe(idle);
    const equal = [{ inFlight: 0 }, { inFlight: 0 }, { inFlight: 0 }];
    expect(new Set(Array.from({ length: 50 }, () => pick(equal, random))).size).toBe(3);
    expect(pick([], random)).toBeUndefined();
    expect(pick([busy], random)).toBe(busy);
  });

  it('keeps ten replicas far more even than chance alone would', () => {
    const spread = (choice: (all: { inFlight: number }[], random: () => number) => { inFlight: number }) => {
      const random = seeded(7);
      const all = Array.from({ length: 10 }, () => ({ inFlight: 0 }));
      for (let request = 0; request < 10_000; request++) choice(all, random).inFlight += 1;
      return Math.max(...all.map(({ inFlight }) => inFlight)) - 1_000;
    };
    const byTwo = spread((all, random) => pick(all, random)!);
    const byChance = spread((all, random) => all[Math.floor(random() * all.length)]!);
    expect(byTwo).toBeLessThanOrEqual(5);
    expect(byChance).toBeGreaterThan(20);
  });
});

describe('choosing a replica', () => {
  const options = { now: 0, settings: OUTLIER_DEFAULTS, random: seeded(3) };
  const hosts: Host[] = [];
  const replica = (
    listed: 'up' | 'draining' | 'silent',
    health: 'ready' | 'unready' | 'away' | 'unknown' = 'ready',
  ) => {
    const host = new Host(`http://127.0.0.1:${4_000 + hosts.length}`, { timeoutMs: 100, connections: 1 });
    hosts.push(host);
    Object.assign(host, { state: health, answeredAt: performance.now() });
    const { url } = host;
    return new Replica('toys', host, { service: 'toys', id: url, url, state: listed }, OUTLIER_DEFAULTS);
  };
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.destroy())));
  const chosen = (replicas: readonly Replica[], except?: Set<Replica>) =>
    new Set(Array.from({ length: 40 }, () => choose(replicas, { ...options, ...(except && { except }) }).replica));

  it('uses the healthy half only, and nobody twice', () => {
    const [good, dead] = [replica('up'), replica('up', 'away')];
    expect(chosen([good, dead])).toEqual(new Set([good]));
    expect(choose([good, dead], options).panic).toBe(false);
    expect(chosen([good, dead], new Set([good]))).toEqual(new Set([undefined]));
  });

  it('panics below half: health is ignored, but not who wants nothing', () => {
    const all = [replica('up'), replica('up', 'away'), replica('up', 'away'), replica('up', 'unready')];
    expect(choose(all, options).panic).toBe(true);
    expect(chosen(all)).toEqual(new Set(all.slice(0, 3)));
  });

  it('leaves an ejected one alone until its time is over', () => {
    const [good, failing] = [replica('up'), replica('up')];
    failing.outliers.eject(0);
    expect(chosen([good, failing])).toEqual(new Set([good]));
    expect(choose([failing, good], { ...options, now: 30_000, except: new Set([good]) }).replica).toBe(failing);
  });

  it('never gives work to one that drains, not even for want of others', () => {
    expect(chosen([replica('draining')])).toEqual(new Set([undefined]));
    const up = replica('up');
    expect(chosen([replica('draining'), up])).toEqual(new Set([up]));
  });

  it('asks one that the registry has lost only when nobody else is there, and only if it says itself that it is well', () => {
    const [up, lost, dead] = [replica('up'), replica('silent'), replica('silent', 'away')];
    expect(chosen([up, lost, dead])).toEqual(new Set([up]));
    expect(chosen([lost, dead])).toEqual(new Set([lost]));
    Object.assign(lost.host, { answeredAt: performance.now() - 2_000 });
    expect(chosen([lost, dead])).toEqual(new Set([undefined]));
    expect(choose([lost, dead], { ...options, freshMs: 3_000 }).replica).toBe(lost);
  });
});
