import { randomUUID } from 'node:crypto';
import { expectProblem, expecting } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import { type Poison, poison } from '../support/poison.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import { traceOf } from '../support/traces.js';
import type { User } from '../support/user.js';
import type { Page } from '../support/views.js';

interface Message {
  context: string;
  messageId: string;
  handler: string;
  key: string;
  state: string;
  attempts: number;
  lastError: string | null;
}

describe.each(topologies)('what operators see and do (%s)', (topology) => {
  let shop: Shop;
  let ada: User;
  let operator: User;

  beforeAll(async () => {
    shop = await topology.start();
    [ada, operator] = await Promise.all([shop.customer(), shop.operator()]);
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop);

  const items = async <Item>(path: string) => expecting(200, await operator.get<Page<Item>>(path)).items;
  const parkedNow = () => items<Message>('/ops/messages?limit=100');

  async function poisoned(how: Poison): Promise<Message> {
    const messageId = await poison(shop.database, how);
    shop.parked.push(messageId);
    return eventually(async () => (await parkedNow()).find((one) => one.messageId === messageId), {
      what: 'the poison is parked',
    });
  }

  const act = (message: Message, what: 'redrive' | 'discard') =>
    operator.post<{ outcome: string }>(`/ops/messages/${message.messageId}/${what}?context=${message.context}`);

  it('nothing waits when nothing happens', async () => {
    await shop.quiet();
    const backlogs = await items<Record<string, number | string>>('/ops/backlog');
    expect(backlogs.map(({ context }) => context)).toEqual(
      expect.arrayContaining(['orders', 'inventory', 'payments', 'shipping', 'checkout', 'catalog', 'users']),
    );
    for (const backlog of backlogs) expect(backlog).toMatchObject({ outbox: 0, inbox: 0, parked: 0 });
  });

  it.each([
    ['data that break their contract', 1, { data: { orderId: 'not-a-uuid' } }],
    ['data that are no object', 1, { data: 'text' }],
    ['a handler that is gone', 7, { handler: 'on-something-forgotten' }], // another process may have it
    ['a type nobody knows', 7, { type: 'inventory.unheard-of.v1' }],
  ])('a message with %s is parked with its cause, and nobody else waits', async (_what, attempts, how) => {
    const message = await poisoned({ context: 'inventory', ...how });
    expect(message).toMatchObject({ context: 'inventory', state: 'parked', attempts });
    expect(message.lastError).toEqual(expect.stringMatching(/\w{5}/));
    expect(JSON.stringify(message)).not.toContain('"data"');

    const { id } = await ada.placeOrder();
    await ada.reached(id, 'completed');
    const health = await shop.get<{ details: Record<string, { status: string; parked: number }> }>('/healthz');
    expect(health.body.details['inventory.road']).toMatchObject({ status: 'degraded', parked: expect.any(Number) });
  });

  it('only its own key waits behind a parked message, and goes on when it is discarded', async () => {
    await shop.provider.fault({ provider: 'acme', operation: 'authorise', kind: 'error503', times: 3 });
    const blocked = await ada.placeOrder();
    await ada.reached(blocked.id, 'reserved');
    const message = await poisoned({ context: 'inventory', subject: blocked.id, data: {} });
    const free = await ada.placeOrder({ provider: 'globex' });
    await ada.reached(free.id, 'completed');
    await shop.quiet();
    expect(['authorised', 'reserved']).toContain((await ada.order(blocked.id)).status); // its stock cannot be secured

    expect(expecting(200, await act(message, 'discard')).outcome).toBe('discarded');
    expect((await ada.reached(blocked.id, 'completed')).status).toBe('completed');
    expectProblem(await act(message, 'discard'), 404); // only once
  });

  it('a message that is redriven is tried again, and parked again if it is no better', async () => {
    const message = await poisoned({ context: 'payments', data: {} });
    expect(expecting(200, await act(message, 'redrive')).outcome).toBe('redriven');
    await eventually(async () => (await parkedNow()).some(({ messageId }) => messageId === message.messageId), {
      what: 'it is parked again',
    });
  });

  it('a message that was mended and redriven is handled', async () => {
    const { id } = await ada.placeOrder({ token: 'tok_flaky' });
    const message = await poisoned({
      context: 'orders',
      subject: id,
      type: 'orders.mark-reserved.v1',
      handler: 'reserved',
      data: {},
    });
    await shop.database.query(
      `update orders.inbox set envelope = jsonb_set(envelope::jsonb, '{data}', $2::jsonb)::json where message_id = $1`,
      [message.messageId, JSON.stringify({ orderId: id })],
    );
    const names = await shop.database.query<{ handler: string }>(
      `select distinct handler from orders.inbox where type = 'orders.mark-reserved.v1' and message_id <> $1`,
      [message.messageId],
    );
    await shop.database.query(`update orders.inbox set handler = $2 where message_id = $1`, [
      message.messageId,
      names.rows[0]!.handler,
    ]);
    expecting(200, await act(message, 'redrive'));
    await ada.reached(id, 'completed');
    await shop.quiet();
    expect((await parkedNow()).map(({ messageId }) => messageId)).not.toContain(message.messageId);
    expect((await ada.history(id)).filter(({ type }) => type === 'order-reserved')).toHaveLength(1);
  });

  it('messages of both boxes are listed, without what is in them', async () => {
    const { id } = await ada.placeOrder();
    await shop.quiet();
    const sent = await items<{ key: string; carried: boolean; type: string }>(
      '/ops/messages?box=outbox&context=orders&limit=50',
    );
    const ofOrder = sent.filter(({ key }) => key === id);
    expect(ofOrder.map(({ type }) => type)).toContain('orders.order-placed.v1');
    expect(ofOrder.every(({ carried }) => carried)).toBe(true);
    const done = await items<Message>('/ops/messages?state=done&context=checkout&limit=50');
    expect(done.some(({ key }) => key === id)).toBe(true);
    const delayed = await items<Message>('/ops/messages?state=delayed&context=inventory&limit=50');
    expect(delayed.some(({ key }) => key === id)).toBe(true); // the end of its reservation, which will change nothing
  });

  it('a purchase is told step by step', async () => {
    const { id } = await ada.placeOrder();
    await shop.quiet();
    type Saga = { id: string; status: string; timeline: { what: string; step: string | null; at: string }[] };
    const answer = await operator.get<Saga>(`/ops/sagas/${id}`);
    const { status, timeline } = expecting(200, answer);
    expect(status).toBe('completed');
    expect(timeline.filter(({ what }) => what === 'done').map(({ step }) => step)).toEqual([
      'reserve stock',
      'authorise payment',
      'secure stock',
      'confirm order',
      'ship order',
      'capture payment',
      'complete order',
    ]);
    expect([timeline[0]?.what, timeline.at(-1)?.what]).toEqual(['started', 'completed']);
    expect(answer.text).not.toMatch(/tok_|Compiler Lane/);
    expect((await items<Saga>('/ops/sagas?status=completed&limit=100')).map((one) => one.id)).toContain(id);
    expectProblem(await operator.get(`/ops/sagas/${randomUUID()}`), 404);
  });

  it('a read model is rebuilt while orders come in, and says the same afterwards', async () => {
    for (let index = 0; index < 5; index++) await ada.placeOrder();
    await shop.quiet();
    const before = await ada.orders('?limit=100');
    type Projection = { name: string; generation: number; live: boolean; behind: number };
    const live = async () =>
      (await items<Projection>('/ops/projections?context=orders')).find(
        (one) => one.name === 'order-summaries' && one.live,
      )!;
    const { generation } = await live();
    expect((await operator.post('/ops/projections/order-summaries/rebuild')).status).toBe(202);
    const late = await ada.placeOrder();
    await eventually(async () => (await live()).generation > generation, { what: 'the rebuilt generation is live' });
    await shop.quiet();
    const after = await ada.orders('?limit=100');
    expect(after.items.filter(({ id }) => id !== late.id)).toEqual(before.items);
    expect(after.items.map(({ id }) => id)).toContain(late.id);
    expectProblem(await operator.post('/ops/projections/no-such-projection/rebuild'), 404);
  });

  it('a trace shows the whole purchase, and nothing that is confidential', async () => {
    const { id } = await ada.placeOrder();
    await shop.quiet();
    const trace = await traceOf(shop, id);
    const names = trace.spans.map(({ name }) => name).join('\n');
    for (const part of ['POST', 'checkout', 'inventory', 'payments', 'shipping', 'notifications'])
      expect(names).toContain(part);
    expect(JSON.stringify(trace)).not.toMatch(/tok_|Compiler Lane|@shoppers/);
    expectProblem(await operator.get(`/ops/traces/${'f'.repeat(32)}`), 404);
  });
});
