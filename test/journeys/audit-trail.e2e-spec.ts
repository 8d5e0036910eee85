import { randomUUID } from 'node:crypto';
import { expectProblem, expecting } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import { poison } from '../support/poison.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import type { User } from '../support/user.js';
import type { Page } from '../support/views.js';

interface Entry {
  id: string;
  context: string;
  kind: 'fact' | 'operator';
  who: string | null;
  what: string;
  target: string;
  version: number | null;
  outcome: string | null;
  reason: string | null;
  correlationId: string | null;
}

interface Generation {
  name: string;
  generation: number;
  live: boolean;
  events: number;
  total: number;
  rows?: number;
  checksum?: string;
}

describe.each(topologies)('who did what (%s)', (topology) => {
  let shop: Shop;
  let ada: User;
  let operator: User;

  beforeAll(async () => {
    shop = await topology.start();
    [ada, operator] = await Promise.all([shop.customer(), shop.operator()]);
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop);

  const audit = async (query: string) => expecting(200, await operator.get<Page<Entry>>(`/ops/audit?${query}`));
  const acts = async (target: string) =>
    (await audit(`stream=${target}`)).items.filter(({ kind }) => kind === 'operator');
  const projections = async (query = '') =>
    expecting(200, await operator.get<Page<Generation>>(`/ops/projections?context=orders${query}`)).items;

  it('an order tells its whole story, and who asked for it', async () => {
    const { id } = await ada.placeOrder();
    await ada.reached(id, 'completed');
    await shop.quiet();
    const { items } = await audit(`stream=order/${id}`);
    expect(items.map(({ what }) => what)).toEqual([
      'order-completed',
      'order-shipped',
      'order-confirmed',
      'order-authorised',
      'order-reserved',
      'order-placed',
    ]);
    expect(items.at(-1)).toMatchObject({ context: 'orders', kind: 'fact', version: 1, who: expect.any(String) });
    expect(new Set(items.map(({ correlationId }) => correlationId)).size).toBe(1);
    expect(JSON.stringify(items)).not.toMatch(/tok_|Compiler Lane|TEA-/);
  });

  it('a customer’s deeds are listed page by page', async () => {
    const placed: string[] = [];
    for (let n = 0; n < 3; n++) placed.unshift(`order/${(await ada.placeOrder()).id}`);
    await shop.quiet();
    const who = (await audit(`stream=${placed[0]}`)).items.at(-1)!.who!;
    const found: string[] = [];
    for (let cursor = ''; ;) {
      const page = await audit(`principal=${who}&context=orders&limit=2${cursor && `&cursor=${cursor}`}`);
      expect(page.items.length).toBeLessThanOrEqual(2);
      expect(page.items.every((entry) => entry.who === who)).toBe(true);
      found.push(...page.items.filter(({ what }) => what === 'order-placed').map(({ target }) => target));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(found.slice(0, 3)).toEqual(placed);
  });

  it('what operators do by hand is recorded, with their reason and what came of it', async () => {
    const messageId = await poison(shop.database, { context: 'inventory', data: { orderId: 'nonsense' } });
    shop.parked.push(messageId);
    const isParked = async () =>
      (await operator.get<Page<{ messageId: string }>>('/ops/messages?limit=100')).body.items.some(
        (one) => one.messageId === messageId,
      );
    await eventually(isParked, { what: 'it is parked' });
    expecting(200, await operator.post(`/ops/messages/${messageId}/discard?reason=it%20was%20nonsense`));
    expectProblem(await operator.post(`/ops/messages/${messageId}/discard`), 404);
    expect(await acts(`message/${messageId}`)).toMatchObject([
      { context: 'inventory', what: 'discard', outcome: 'done', reason: 'it was nonsense', who: expect.any(String) },
    ]);
    expect((await audit('limit=1')).items).toMatchObject([{ target: `message/${messageId}` }]);
  });

  it('a rebuild is recorded, shows how far it is, and ends with the same checksum', async () => {
    await ada.placeOrder();
    await shop.quiet();
    const before = (await projections('&checksum=true')).find(({ live }) => live)!;
    expect(before).toMatchObject({ rows: expect.any(Number), checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await operator.post('/ops/projections/order-summaries/rebuild')).status).toBe(202);
    const rebuilt = await eventually(
      async () =>
        (await projections('&checksum=true')).find(({ live, generation }) => live && generation > before.generation),
      { what: 'the rebuilt generation is live' },
    );
    expect(rebuilt).toMatchObject({ checksum: before.checksum, rows: before.rows, events: before.events });
    expect(rebuilt.events).toBe(rebuilt.total);
    expect((await projections())[0]).not.toHaveProperty('checksum');
    expect((await acts('projection/order-summaries'))[0]).toMatchObject({ what: 'rebuild', outcome: 'done' });
  });

  it('is for operators only, and refuses what is no stream', async () => {
    expectProblem(await ada.get(`/ops/audit?stream=order/${randomUUID()}`), 403);
    expect((await audit(`stream=order/${randomUUID()}`)).items).toEqual([]);
    for (const query of ['stream=order', 'stream=order/a%20b', "principal='", 'limit=0', 'cursor=xyz', 'state=x'])
      expectProblem(await operator.get(`/ops/audit?${query}`), 400);
  });
});
