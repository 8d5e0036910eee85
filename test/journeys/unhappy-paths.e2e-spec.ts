import { expectInvariants, keepsItsWord } from '../support/invariants.js';
import { eventually, inParallel } from '../support/eventually.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import type { User } from '../support/user.js';

const providers = ['acme', 'globex'] as const;

describe.each(topologies)('a purchase that does not go well (%s)', (topology) => {
  let shop: Shop;
  let ada: User;
  let sku: string;

  beforeAll(async () => {
    shop = await topology.start();
    ada = await shop.customer();
    sku = await shop.sell({ onHand: 1_000 });
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  afterEach(() => shop.provider.clearFaults());
  keepsItsWord(() => shop);

  it('is rejected when a product is out of stock, and nothing is kept', async () => {
    const scarce = await shop.sell({ onHand: 2 });
    const lines = [
      { sku, quantity: 1 },
      { sku: scarce, quantity: 3 },
    ];
    const before = await shop.stock(sku);
    const { id } = await ada.placeOrder({ lines });
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'rejected', reason: expect.stringContaining(scarce) });
    expect(await shop.stock(sku)).toEqual(before);
    expect(await shop.stock(scarce)).toMatchObject({ available: 2, reserved: 0 });
    expect(await shop.provider.ledger(id)).toEqual([]);
    expect((await ada.get(`/api/v1/payments?orderId=${id}`)).status).toBe(404);
    expect((await ada.get(`/api/v1/shipments?orderId=${id}`)).status).toBe(404);
    expect((await ada.history(id)).at(-1)).toMatchObject({ type: 'order-rejected', reason: expect.any(String) });
  });

  it.each(providers)('is rejected when %s declines the card, and the stock is free again', async (provider) => {
    const before = await shop.stock(sku);
    const { id } = await ada.placeOrder({ sku, quantity: 5, provider, token: 'tok_declined' });
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'rejected', reason: expect.stringContaining('declined') });
    expect(await ada.payment(id)).toMatchObject({ status: 'declined', declinedBecause: 'card-declined', captured: 0 });
    expect(await shop.stock(sku)).toEqual(before);
    expect(await ada.cancel(id)).toMatchObject({ status: 409, body: { type: '/problems/too-late-to-cancel' } });
  });

  const troubled = providers.flatMap((provider) =>
    ['tok_ok', 'tok_timeout_then_ok', 'tok_unknown_then_ok', 'tok_flaky'].map((token) => ({ provider, token })),
  );
  it.each(troubled)('is completed and paid once with $token at $provider', async ({ provider, token }) => {
    const { id, total } = await ada.placeOrder({ sku, provider, token });
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'completed' });
    const movements = (await shop.provider.ledger(id)).map(({ operation, amount }) => ({ operation, amount }));
    expect(movements).toEqual([
      { operation: 'authorise', amount: total.amount },
      { operation: 'capture', amount: total.amount },
    ]);
  });

  const replies = ['error500', 'error503', 'error429', 'reset', 'html', 'redirect', 'lose-reply', 'truncated-json'];
  const strange = [...replies, 'wrong-content-type', 'huge-body', 'slow-body', 'hang', 'delay'];
  it.each(providers)(
    'is completed and paid once whatever %s answers',
    async (provider) => {
      // As many orders as faults, all at once: each meets about one when it is authorised and one when it is captured.
      for (const kind of strange) {
        for (const operation of ['authorise', 'capture'] as const) {
          await shop.provider.fault({ provider, operation, kind });
        }
      }
      for (const kind of ['hang', 'html', 'truncated-json']) {
        await shop.provider.fault({ provider, operation: 'ask', kind });
      }
      const orders = await inParallel(strange, strange.length, () => ada.placeOrder({ sku, provider }));
      await shop.quiet();
      expect(await shop.provider.faultsLeft()).toEqual([]); // every fault really happened
      expect((await shop.provider.pending()).redirectsFollowed).toBe(0);
      for (const { id } of orders) expect(await ada.order(id)).toMatchObject({ status: 'completed' });
    },
    90_000,
  );

  it('waits out a provider that is away for a while', async () => {
    await shop.provider.fault({ provider: 'acme', operation: '*', kind: 'error503', times: 12 });
    const orders = await inParallel([1, 2, 3], 3, () => ada.placeOrder({ sku }));
    const other = await ada.placeOrder({ sku, provider: 'globex' });
    expect((await ada.reached(other.id, 'completed')).status).toBe('completed'); // nobody waits for a stranger's trouble
    await shop.quiet();
    for (const { id } of orders) expect((await ada.order(id)).status).toBe('completed');
  }, 180_000);

  it.each(providers)('has its effect once when %s sends every webhook twice, late, or never', async (provider) => {
    for (const kind of ['duplicate-webhook', 'delay-webhook', 'drop-webhook']) {
      await shop.provider.fault({ provider, operation: 'authorise', kind, delayMs: 300 });
      await shop.provider.fault({ provider, operation: 'capture', kind, delayMs: 300 });
      const { id } = await ada.placeOrder({ sku, provider });
      await shop.quiet();
      expect(await ada.order(id)).toMatchObject({ status: 'completed', version: 6 });
    }
    expect(await shop.provider.faultsLeft()).toEqual([]);
  });

  it.each(providers)(
    'gives the money back when the webhook of %s comes after the customer cancelled',
    async (provider) => {
      // The provider holds the money, and until its webhook comes nobody here can know: the reply is lost, and of the
      // questions only the one before the call is answered.
      await shop.provider.fault({ provider, operation: 'authorise', kind: 'delay-webhook', delayMs: 5_000 });
      await shop.provider.fault({ provider, operation: 'authorise', kind: 'lose-reply' });
      await shop.provider.fault({ provider, operation: 'ask', kind: 'delay', delayMs: 0 });
      await shop.provider.fault({ provider, operation: 'ask', kind: 'error503', times: 1_000 });
      const owed = async () => {
        const { pendingOutcomes, pendingWebhooks } = await shop.provider.pending();
        return pendingOutcomes + pendingWebhooks;
      };
      const before = await shop.stock(sku);
      const { id } = await ada.placeOrder({ sku, quantity: 4, provider });
      await eventually(async () => (await shop.provider.ledger(id)).length > 0, { what: 'the money is held' });
      expect(await ada.cancel(id)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
      expect(await owed()).toBe(1); // the webhook is still to come

      await eventually(async () => (await owed()) === 0, { what: 'the webhook has come', withinMs: 30_000 });
      await shop.provider.clearFaults();
      await shop.quiet();
      expect((await ada.order(id)).status).toBe('cancelled');
      expect(await shop.stock(sku)).toEqual(before);
      expect(await ada.payment(id)).toMatchObject({ status: 'voided', captured: 0 });
      expect((await shop.provider.ledger(id)).map(({ operation }) => operation)).toEqual(['authorise', 'void']);
      const { rows: told } = await shop.database.query<{ type: string }>(
        `select type from checkout.outbox where key = $1 and type !~ '[.]mark-' order by xid, position`,
        [id],
      );
      expect(told.map(({ type }) => type)).toEqual([
        'inventory.reserve-stock.v1',
        'payments.authorise-payment.v1',
        'orders.reject-order.v1', // answered by nobody: it was cancelled
        'payments.void-payment.v1',
        'inventory.release-stock.v1',
        'checkout.purchase-compensated.v1',
      ]);
    },
  );
});

describe.each(topologies)('a reservation (%s)', (topology) => {
  it('that expires while the provider is silent rejects the order, and the money is let go', async () => {
    await using shop = await topology.start({ env: { PAYMENTS_PROVIDER_TIMEOUT_MS: '10000' } });
    const ada = await shop.customer();
    await shop.provider.fault({ provider: 'acme', operation: 'authorise', kind: 'slow-body', delayMs: 4_000 });
    await shop.provider.fault({ provider: 'acme', operation: 'authorise', kind: 'drop-webhook' });
    const { id } = await ada.placeOrder({ quantity: 7 });
    await eventually(async () => (await shop.provider.ledger(id)).length > 0, { what: 'the money is held' });
    await shop.database.query(
      `update inventory.inbox set due_at = clock_timestamp() where done_at is null and envelope->>'subject' = $1`,
      [id],
    ); // as if its fifteen minutes were over, before anybody here has heard of the money
    await ada.reached(id, 'rejected');
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'rejected', reason: 'the reservation expired' });
    expect(await shop.stock('TEA-001')).toMatchObject({ available: 1_000, reserved: 0 });
    expect((await shop.provider.ledger(id)).map(({ operation }) => operation)).toEqual(['authorise', 'void']);
    await expectInvariants(shop);
  }, 180_000);
});
