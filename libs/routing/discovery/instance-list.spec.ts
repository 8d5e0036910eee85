import { InstanceList } from './instance-list.js';
import type { Instance } from './registry.js';

/** A clock and its timers, moved by hand. */
class VirtualTime {
  now = 1_000;
  private timers: { at: number; work: () => void }[] = [];

  after = (ms: number, work: () => void): (() => void) => {
    const timer = { at: this.now + ms, work };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((one) => one !== timer));
  };

  /** Moves on, running what is due in its order; `each` happens every `everyMs` on the way. */
  pass(ms: number, each: () => void = () => {}, everyMs = 100): void {
    const end = this.now + ms;
    for (let next = this.now + everyMs; this.now < end; next += everyMs) {
      for (;;) {
        const due = this.timers.toSorted((a, b) => a.at - b.at).find(({ at }) => at <= Math.min(next, end));
        if (!due) break;
        this.timers = this.timers.filter((one) => one !== due);
        this.now = due.at;
        due.work();
      }
      this.now = Math.min(next, end);
      each();
    }
  }
}

const toys = (id: string, url = `http://127.0.0.1/${id}`): Instance => ({ service: 'toys', id, url });

describe('a list of instances that is fed by heartbeats', () => {
  let time: VirtualTime;
  let list: InstanceList;
  beforeEach(() => {
    time = new VirtualTime();
    list = new InstanceList({ ttlMs: 2_800, awayAfterMs: 1_400, now: () => time.now, after: time.after });
    list.proved();
  });
  const states = () => list.of('toys').map(({ id, state }) => `${id} ${state}`);
  const registryWorks = () => list.proved();

  it('calls one silent exactly when its time is over, and tells it at that moment', () => {
    list.heard(toys('a'));
    const told: [number, string[]][] = [];
    list.watch('toys').onChange((all) => told.push([time.now, all.map(({ state }) => state)]));
    const heardAt = time.now;
    time.pass(2_700, registryWorks);
    expect(states()).toEqual(['a up']);
    time.pass(1_000, registryWorks);
    expect(told).toEqual([[heardAt + 2_800, ['silent']]]);
    list.heard(toys('a'));
    expect(states()).toEqual(['a up']);
  });

  it('calls nobody silent while the registry is, and gives all a whole TTL when it is back', () => {
    list.heard(toys('a'));
    list.heard(toys('b'));
    time.pass(600_000);
    expect(states()).toEqual(['a up', 'b up']);
    expect(list.freshness()).toMatchObject({ live: false, ageMs: 600_000 });
    list.proved();
    time.pass(1_000, registryWorks);
    list.heard(toys('a'));
    time.pass(1_700, registryWorks);
    expect(states()).toEqual(['a up', 'b up']);
    time.pass(200, registryWorks);
    expect(states()).toEqual(['a up', 'b silent']);
  });

  it('suspects the registry before anybody else, whenever in its beat it dies', () => {
    for (let phase = 0; phase < 1_000; phase += 100) {
      let beat = 0;
      time.pass(3_000 + phase, () => {
        if (beat++ % 10 === 0) list.heard(toys('a'));
        if (beat % 5 === 0) list.proved();
      });
      time.pass(20_000);
      expect(states()).toEqual(['a up']);
      list.proved();
    }
  });

  it('does not take an old entry for a new sign of life', () => {
    list.heard(toys('a'), 2_000);
    list.heard(toys('b'), 2_900);
    expect(states()).toEqual(['a up']);
    time.pass(900, registryWorks);
    expect(states()).toEqual(['a silent']);
    list.heard(toys('a'));
    list.heard(toys('a'), 2_000);
    time.pass(2_700, registryWorks);
    expect(states()).toEqual(['a up']);
  });

  it('gives an address to whoever came last', () => {
    list.heard(toys('old', 'http://127.0.0.1:4001'));
    list.heard(toys('new', 'http://127.0.0.1:4001'));
    expect(states()).toEqual(['new up']);
  });

  it('goes by what it was given until it hears better', () => {
    list = new InstanceList({ ttlMs: 2_800, awayAfterMs: 1_400, now: () => time.now, after: time.after });
    list.seed([toys('from-a-file')]);
    time.pass(60_000);
    expect(states()).toEqual(['from-a-file up']);
    list.heard(toys('known', 'http://127.0.0.1/from-a-file'));
    expect(states()).toEqual(['known up']);
  });

  it('forgets who was silent for a quarter of an hour', () => {
    list.heard(toys('a'));
    time.pass(899_000, registryWorks, 500);
    expect(states()).toEqual(['a silent']);
    time.pass(2_000, registryWorks, 500);
    expect(states()).toEqual([]);
  });
});
