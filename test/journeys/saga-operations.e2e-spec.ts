import { randomUUID } from 'node:crypto';
import { expectProblem, expecting } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import { poison } from '../support/poison.js';
import type { Shop } from '../support/shop.js';
import { itWithRestarts, topologies } from '../support/topology.js';
import type { User } from '../support/user.js';
import type { Page } from '../support/views.js';

interface Saga {
  id: string;
  context: string;
  type: string;
  version: number;
  status: string;
  stuckSince: string | null;
  pending: { step: string; undoing: boolean; asks: number; askedAt: string } | null;
  nextTimer: string | null;
  timeline: { what: string; step: string | null; messageId: string | null; at: string; tookMs: number | null }[];
}

interface Fork {
  saga: string;
  version: number;
  messages: { kind: string; type: string; data: Record<string, unknown> }[];
  instance: { status: string; state: Record<string, unknown> };
}

describe.each(topologies)('what operators see and do of sagas (%s)', (topology) => {
  let shop: Shop;
  let ada: User;
  let operator: User;

  beforeAll(async () => {
    shop = await topology.start();
    [ada, operator] = await Promise.all([shop.customer(), shop.operator()]);
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop, { traces: 0 });

  const saga = async (id: string) => expecting(200, await operator.get<Saga>(`/ops/sagas/${id}`));
  const list = async (query: string) => expecting(200, await operator.get<Page<Saga>>(`/ops/sagas${query}`)).items;
  const resume = (id: string) => operator.post<{ outcome: string }>(`/ops/sagas/${id}/resume`);
  const fork = (id: string, body: object) => operator.post<Fork>(`/ops/sagas/${id}/fork`, body);

  /** A purchase whose shipping nobody answers: its messages wait behind one that is parked. */
  async function unshipped(): Promise<{ id: string; release: () => Promise<void> }> {
    await shop.provider.fault({ provider: 'acme', operation: 'authorise', kind: 'error503', times: 3 });
    const { id } = await ada.placeOrder();
    const messageId = await poison(shop.database, { context: 'shipping', type: 'shipping.ship-order.v1', subject: id });
    const waitsFor = async () => (await operator.get<Saga | undefined>(`/ops/sagas/${id}`)).body?.pending?.step;
    await eventually(async () => (await waitsFor()) === 'ship order', { what: 'it is to be shipped' });
    const release = async () => {
      expecting(200, await operator.post(`/ops/messages/${messageId}/discard?context=shipping`));
      await ada.reached(id, 'completed');
      await shop.quiet();
    };
    return { id, release };
  }

  /** As if the patience of the pending step were over. */
  async function timePasses(id: string): Promise<void> {
    const { pending } = await saga(id);
    await shop.database.query(
      `update checkout.inbox set due_at = clock_timestamp() where done_at is null and position is null
       and message_id = (select timer_id from checkout.saga where id = $1)`,
      [id],
    );
    await eventually(async () => (await saga(id)).pending!.asks > pending!.asks, { what: 'it was asked for again' });
  }

  it('a purchase under way says what it waits for and until when; a finished one how long each step took', async () => {
    const { id, release } = await unshipped();
    const waiting = await saga(id);
    expect(waiting).toMatchObject({ context: 'checkout', type: 'purchase', version: 1, status: 'running' });
    expect(waiting.pending).toMatchObject({ step: 'ship order', undoing: false, asks: 1 });
    const patience = Date.parse(waiting.nextTimer!) - Date.parse(waiting.pending!.askedAt);
    expect(patience).toBeGreaterThan(110_000);
    expect(patience).toBeLessThan(130_000);
    await release();

    const { status, pending, nextTimer, timeline } = await saga(id);
    expect({ status, pending, nextTimer }).toEqual({ status: 'completed', pending: null, nextTimer: null });
    const steps = [...new Set(timeline.flatMap(({ step }) => step ?? []))];
    expect(steps).toHaveLength(7);
    for (const step of steps) {
      const lines = timeline.filter((line) => line.step === step);
      expect(lines.map(({ what }) => what)).toEqual(['asked', 'done']);
      expect(lines[1]!.tookMs).toBe(Date.parse(lines[1]!.at) - Date.parse(lines[0]!.at));
      for (const { messageId } of lines) expect(messageId).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('a purchase that nobody answers becomes stuck: alarm, metric, health, list; and comes free with the answer', async () => {
    const { id, release } = await unshipped();
    for (let asked = 0; asked < 6; asked++) await timePasses(id);
    const stuck = await saga(id);
    expect(stuck.stuckSince).not.toBeNull();
    expect(stuck.timeline.filter(({ what }) => what === 'stuck')).toHaveLength(1);
    const slower = Date.parse(stuck.nextTimer!) - Date.parse(stuck.pending!.askedAt);
    expect(slower).toBeGreaterThan(1_000_000);
    expect((await list('?stuck=true')).map((one) => one.id)).toEqual([id]);
    const alarms = shop.logs().filter((line) => line.includes('is stuck') && line.includes(id));
    expect(alarms.map((line) => (JSON.parse(line) as { level: unknown }).level)).toHaveLength(1);
    expect(alarms[0]).toContain('ship order');
    expect(await shop.metrics()).toContain('saga_stuck{context="checkout",saga="purchase"} 1');
    type Health = { status: string; details: Record<string, { status: string; stuck: number }> };
    const health = async () => (await shop.get<Health>('/healthz')).body;
    expect((await health()).details['checkout.sagas']).toMatchObject({ status: 'degraded', stuck: 1 });

    const before = stuck.pending!.asks;
    expect(expecting(200, await resume(id))).toEqual({ id, outcome: 'resumed' });
    const resumed = await saga(id);
    expect(resumed.pending!.asks).toBe(before + 1);
    expect(resumed.timeline.slice(-2).map(({ what }) => what)).toEqual(['resumed', 'asked again']);
    await release();
    expect(await list('?stuck=true')).toEqual([]);
    expect((await saga(id)).stuckSince).toBeNull();
    expect((await health()).details['checkout.sagas']).toMatchObject({ status: 'up', stuck: 0 });
    expect(await shop.metrics()).toContain('saga_stuck{context="checkout",saga="purchase"} 0');
    expect((await ada.shipments(id)).length).toBe(1); // asked for eight times, done once
  }, 180_000);

  it('only what must happen is asked for again', async () => {
    const { id } = await ada.placeOrder();
    await ada.reached(id, 'completed');
    await shop.quiet();
    expectProblem(await resume(id), 409, 'saga-not-waiting');
    expectProblem(await resume(randomUUID()), 404);
    expectProblem(await ada.post(`/ops/sagas/${id}/resume`), 403);
  });

  it('a fork tells what would be sent from a step on, sends nothing and shows nothing confidential', async () => {
    const { id } = await ada.placeOrder();
    await shop.quiet();
    const written = async () => {
      const { rows } = await shop.database.query<{ count: number }>(
        `select (select count(*) from checkout.outbox) + (select count(*) from checkout.inbox)
              + (select count(*) from checkout.saga_timeline) as count`,
      );
      return rows[0]!.count;
    };
    const before = await written();
    const late = expecting(200, await fork(id, { step: 'capture payment' }));
    expect(late.messages.map(({ type }) => type)).toEqual(['payments.capture-payment.v1', 'orders.complete-order.v1']);
    expect(late).toMatchObject({ saga: 'purchase', version: 1, instance: { status: 'completed' } });

    const whole = await fork(id, { step: 'reserve stock', version: 'newest' });
    expect(expecting(200, whole).messages).toHaveLength(11);
    expect(whole.text).not.toMatch(/tok_/);
    expect(whole.body.instance.state).toMatchObject({ orderId: id });
    expect(await written()).toEqual(before);

    expectProblem(await fork(id, { step: 'give it away' }), 422, 'saga-not-replayable');
    expectProblem(await fork(id, { step: 'ship order', version: 'oldest' }), 400);
    expectProblem(await fork(randomUUID(), { step: 'ship order' }), 404);
    expectProblem(await ada.post(`/ops/sagas/${id}/fork`, { step: 'ship order' }), 403);
  });

  it('a purchase turned back tells of every undo', async () => {
    const { id } = await ada.placeOrder({ token: 'tok_declined' });
    await ada.reached(id, 'rejected');
    await shop.quiet();
    const { status, timeline } = await saga(id);
    expect(status).toBe('compensated');
    expect(timeline.map(({ what, step }) => (step === null ? what : `${what}: ${step}`))).toEqual([
      'started',
      'asked: reserve stock',
      'done: reserve stock',
      'asked: authorise payment',
      'failed: authorise payment',
      'turned back',
      'undo asked: reserve stock',
      'undone: reserve stock',
      'compensated',
    ]);
  });

  itWithRestarts(topology)(
    'a start says which purchases run on a definition that is gone',
    async () => {
      const { id, release } = await unshipped();
      const runsOn = (version: number) =>
        shop.database.query(`update checkout.saga set definition_version = $2 where id = $1`, [id, version]);
      await runsOn(99);
      await shop.kill();
      await shop.restart();
      const warnings = shop.logs().filter((line) => line.includes('run on version 99'));
      await runsOn(1);
      await release();
      expect(warnings).not.toEqual([]); // each process with the checkout in it says so
      expect(warnings.filter((line) => !line.includes(id))).toEqual([]);
    },
    180_000,
  );
});
