import { eventually, inParallel } from '../../support/eventually.js';
import { faultReport, inFull } from '../../support/faults/report.js';
import { WatchedGateway } from './smuggling.fixture.js';
import { decent, mutations, vectors } from './vectors.fixture.js';

const SEED = 20_261_129;
const MUTATIONS = inFull ? 2_000 : 150;

describe('bytes that two programs may read differently', () => {
  const gateway = new WatchedGateway();
  const held = faultReport('Smuggling through the gateway');
  let canaries = 0;

  beforeAll(() => gateway.start(), 90_000);
  afterAll(() => gateway.stop());

  /** Sends bytes and then, on the same connection, a request that is beyond reproach. */
  const withCanary = async (bytes: string, silenceMs?: number) => {
    const canary = `/api/v1/products/CANARY-${++canaries}`;
    const echo = `GET ${canary}"`;
    const answer = await gateway.exchange(`${bytes}GET ${canary} HTTP/1.1\r\nHost: shop\r\n\r\n`, echo, silenceMs);
    return { answer, statuses: [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)), echo };
  };

  /** What the back end saw is what the gateway let through: each once, with its method and a target of its route. */
  const compare = async () => {
    const { seen } = gateway;
    const byId = await eventually(
      () => {
        const logged = new Map(gateway.logged().map((one) => [one.id, one]));
        return seen.every(({ id }) => logged.has(id)) ? logged : undefined;
      },
      { what: () => `all that the back end saw is in the gateway's log: ${JSON.stringify(seen.slice(-5))}` },
    );
    expect(gateway.unreadable).toEqual([]);
    const ids = new Set(seen.map(({ id }) => id));
    expect(ids.size).toBe(seen.length);
    const strange = seen.filter(({ id, method, target }) => {
      const logged = byId.get(id)!;
      return method !== logged.method || !isOf(target, logged.target);
    });
    expect(strange).toEqual([]);
    expect([...byId.values()].filter(({ id, status }) => status === 200 && !ids.has(id))).toEqual([]);
  };

  it('are none of a decent request, and the next one on its connection is answered', async () => {
    const before = gateway.seen.length;
    for (const [what, bytes] of Object.entries(decent)) {
      const { answer, statuses, echo } = await withCanary(bytes, 30_000);
      expect([what, answer.includes(echo), statuses.every((status) => status === 200)]).toEqual([what, true, true]);
    }
    await compare();
    expect(gateway.seen.length - before).toBe(2 * Object.keys(decent).length + 1);
  });

  it.each(Object.keys(vectors))('are answered or refused, never read differently behind it: %s', async (what) => {
    const { statuses } = await withCanary(vectors[what]!);
    for (const status of statuses) expect(status).toBeLessThan(500);
    await compare();
  });

  it(`are changed at random (seed ${SEED}), ${MUTATIONS} times`, async () => {
    const before = gateway.seen.length;
    const answers = await inParallel(mutations(SEED, MUTATIONS), 16, withCanary);
    const statuses = answers.flatMap((one) => one.statuses);
    await compare();
    const passed = gateway.seen.length - before;
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses.filter((status) => status === 400).length).toBeGreaterThan(MUTATIONS / 10);
    expect(passed).toBeGreaterThan(MUTATIONS / 5); // else it would only show that everything is refused
    held(`${MUTATIONS} mutations, seed ${SEED}`, `${passed} requests let through, all as logged`);
  });
});

/** Whether a target is one of a route's template. */
function isOf(target: string, template: string): boolean {
  const path = target.split('?', 1)[0]!.split('/');
  const parts = template.split('/');
  return path.length === parts.length && parts.every((part, at) => part.startsWith(':') || part === path[at]);
}
