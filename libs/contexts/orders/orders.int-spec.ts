import { PriceChanged } from '@holdfast/contracts/catalog';
import { newId } from '@holdfast/messaging';
import {
  CompleteOrder,
  CompleteReturn,
  ConfirmOrder,
  MarkReserved,
  MarkReturnReceived,
  RejectOrder,
  RejectReturn,
} from './contracts/commands.js';
import { OrdersOnPostgres, customer, paymentMethod, shippingAddress, told } from './orders.fixture.js';
import { GetHistory } from './get-history/get-history.js';
import { GetOrder } from './get-order/get-order.js';

const ada = customer();
const bob = customer();
const boss = { id: newId(), roles: ['admin'] };

let shop: OrdersOnPostgres;

beforeAll(async () => {
  shop = await OrdersOnPostgres.start();
});
afterAll(() => shop?.stop());
afterEach(() => expect(shop.failures).toEqual([]));

describe('placing an order', () => {
  it('takes the prices from the price book and tells the neighbours, without the address', async () => {
    const order = await shop.placeOrder(ada);
    expect(order).toMatchObject({ status: 'placed', total: { amount: 900, currency: 'EUR' }, version: 1 });
    expect(await emitted(order.id)).toEqual([
      {
        type: 'orders.order-placed.v1',
        data: {
          orderId: order.id,
          customerId: ada.id,
          lines: [{ sku: 'TEA-001', quantity: 2, price: { amount: 450, currency: 'EUR' } }],
          total: { amount: 900, currency: 'EUR' },
          paymentMethod,
        },
      },
    ]);
    const [event] = await shop.rows(`select data::text as data from event where stream_id = $1`, order.id);
    expect(event!.data).not.toContain('Lovelace');
  });

  it('keeps the address for whoever ships', async () => {
    const order = await shop.placeOrder(ada);
    expect(await shop.answerAddress.answer({ orderId: order.id })).toEqual(shippingAddress);
    await expect(shop.answerAddress.answer({ orderId: newId() })).rejects.toThrow('no shipping address');
  });

  it('names every line that nobody sells, and writes nothing', async () => {
    const before = await countOrders();
    const lines = [
      { sku: 'TEA-404', quantity: 1 },
      { sku: 'TEA-001', quantity: 1 },
      { sku: 'TEA-405', quantity: 1 },
    ];
    const problem = await shop.placeOrder(ada, lines).catch((error) => error);
    expect(problem.getStatus()).toBe(422);
    expect(problem.errors.map(({ field }: { field: string }) => field)).toEqual(['lines[0].sku', 'lines[2].sku']);
    expect(await countOrders()).toEqual(before);
  });

  it('refuses two currencies in one basket', async () => {
    const lines = [
      { sku: 'TEA-001', quantity: 1 },
      { sku: 'TEA-USD', quantity: 1 },
    ];
    const problem = await shop.placeOrder(ada, lines).catch((error) => error);
    expect(problem.getStatus()).toBe(422);
    expect(problem.errors[0]).toMatchObject({ field: 'lines[1].sku', rule: 'one-currency' });
  });
});

it('keeps the newest price, however late an older one arrives', async () => {
  const price = (amount: number) => ({ amount, currency: 'EUR' });
  await shop.deliver(told(PriceChanged, { sku: 'TEA-002', price: price(120), version: 3 }));
  await shop.deliver(told(PriceChanged, { sku: 'TEA-002', price: price(110), version: 2 }));
  const order = await shop.placeOrder(ada, [{ sku: 'TEA-002', quantity: 1 }]);
  expect(order.total).toEqual(price(120));
});

describe('looking at an order', () => {
  it('shows it to its customer and to administrators, and to nobody else', async () => {
    const { id } = await shop.placeOrder(ada);
    expect(await shop.get.execute(new GetOrder(id, ada))).toMatchObject({ id, status: 'placed', version: 1 });
    expect(await shop.get.execute(new GetOrder(id, boss))).toMatchObject({ id });

    const missing = await shop.get.execute(new GetOrder(newId(), bob)).catch((error) => error);
    const foreign = await shop.get.execute(new GetOrder(id, bob)).catch((error) => error);
    expect(missing.getStatus()).toBe(404);
    expect([foreign.getStatus(), foreign.getResponse()]).toEqual([404, missing.getResponse()]);
    await expect(shop.history.execute(new GetHistory(id, bob))).rejects.toThrow(foreign.message);
  });

  it('shows it as it was at any moment of its history', async () => {
    const { id } = await shop.placeOrder(ada);
    await shop.deliver(told(MarkReserved, { orderId: id }));
    await shop.deliver(told(RejectOrder, { orderId: id, reason: 'payment declined' }));

    const { items } = await shop.history.execute(new GetHistory(id, ada));
    expect(items.map(({ version, type, reason }) => [version, type, reason])).toEqual([
      [1, 'order-placed', undefined],
      [2, 'order-reserved', undefined],
      [3, 'order-rejected', 'payment declined'],
    ]);
    for (const { at } of items) {
      const expected = items.filter((item) => item.at <= at).length;
      expect((await shop.get.execute(new GetOrder(id, ada, at))).version).toBe(expected);
    }
    const dayBefore = new Date(Date.parse(items[0]!.at) - 86_400_000).toISOString();
    await expect(shop.get.execute(new GetOrder(id, ada, dayBefore))).rejects.toMatchObject({ status: 404 });
  });
});

describe('the purchase going on', () => {
  it('records a step once, whatever is told twice or late, and answers again whoever asks again', async () => {
    const { id } = await shop.placeOrder(ada);
    const [confirmation, completion] = [told(ConfirmOrder, { orderId: id }), told(CompleteOrder, { orderId: id })];
    await shop.deliver(confirmation, confirmation, told(MarkReserved, { orderId: id }));
    await shop.deliver(completion, completion);
    await shop.deliver(told(ConfirmOrder, { orderId: id }));
    await shop.deliver(told(CompleteOrder, { orderId: id }));
    expect(await shop.get.execute(new GetOrder(id, ada))).toMatchObject({ status: 'completed', version: 3 });
    expect((await emitted(id)).map(({ type }) => type)).toEqual([
      'orders.order-placed.v1',
      'orders.order-confirmed.v1',
      'orders.order-completed.v1',
      'orders.order-confirmed.v1',
      'orders.order-completed.v1',
    ]);
  });
});

describe('cancelling an order', () => {
  it('happens once, however many ask at the same time', async () => {
    const { id } = await shop.placeOrder(ada);
    const answers = await Promise.all(Array.from({ length: 4 }, () => shop.cancelOrder(ada, id)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 'cancelled', version: 2 });
    expect((await emitted(id)).map(({ type }) => type)).toEqual([
      'orders.order-placed.v1',
      'orders.order-cancelled.v1',
    ]);
  });

  it('is for its customer and administrators only', async () => {
    const { id } = await shop.placeOrder(ada);
    await expect(shop.cancelOrder(bob, id)).rejects.toMatchObject({ status: 404 });
    expect(await shop.cancelOrder(boss, id)).toMatchObject({ reason: 'cancelled by the shop' });
  });

  it('is too late once the order is confirmed', async () => {
    const { id } = await shop.placeOrder(ada);
    await shop.deliver(told(ConfirmOrder, { orderId: id }));
    await expect(shop.cancelOrder(ada, id)).rejects.toMatchObject({
      status: 409,
      message: 'The order is already confirmed and on its way.',
    });
  });

  it('ends the purchase: a confirmation that comes later changes nothing and is not answered', async () => {
    const { id } = await shop.placeOrder(ada);
    await shop.cancelOrder(ada, id);
    await shop.deliver(told(ConfirmOrder, { orderId: id }), told(RejectOrder, { orderId: id, reason: 'late' }));
    expect((await emitted(id)).map(({ type }) => type)).toEqual([
      'orders.order-placed.v1',
      'orders.order-cancelled.v1',
    ]);
    expect(await shop.get.execute(new GetOrder(id, ada))).toMatchObject({
      status: 'cancelled',
      reason: 'cancelled by the customer',
      version: 2,
    });
  });
});

describe('returning something', () => {
  async function completed(quantity = 5): Promise<string> {
    const { id } = await shop.placeOrder(ada, [{ sku: 'TEA-001', quantity }]);
    await shop.deliver(told(CompleteOrder, { orderId: id }));
    return id;
  }

  it('tells the neighbours what comes back and what it is worth, and not why', async () => {
    const id = await completed();
    const back = await shop.requestReturn(ada, id, [{ sku: 'TEA-001', quantity: 2 }]);
    expect(back).toMatchObject({ orderId: id, status: 'requested', amount: { amount: 900, currency: 'EUR' } });
    const { id: returnId, lines, amount } = back;
    expect(await emitted(returnId)).toEqual([
      { type: 'orders.return-requested.v1', data: { returnId, orderId: id, customerId: ada.id, lines, amount } },
    ]);
    expect(await shop.get.execute(new GetOrder(id, ada))).toMatchObject({ status: 'completed', version: 3 });
  });

  it('keeps the words of the customer beside the history, where they can be erased', async () => {
    const id = await completed();
    const reasons = async () => {
      const { items } = await shop.history.execute(new GetHistory(id, ada));
      return items.filter(({ type }) => type === 'return-requested').map(({ reason }) => reason);
    };
    const lines = [{ sku: 'TEA-001', quantity: 1 }];
    await shop.requestReturn(ada, id, lines, 'my doctor forbids me caffeine');
    await shop.requestReturn(ada, id, lines);
    expect(await reasons()).toEqual(['my doctor forbids me caffeine', undefined]);
    const told = `select data::text from event union all select envelope::text from outbox`;
    expect(await shop.rows(`select from (${told}) told(words) where words like '%doctor%'`)).toEqual([]);
    await shop.rows(`delete from return_reason where order_id = $1`, id);
    expect(await reasons()).toEqual([undefined, undefined]);
  });

  it('is decided on what the order is then, however many ask at once', async () => {
    const id = await completed(5);
    const asked = await Promise.allSettled(Array.from({ length: 10 }, () => shop.requestReturn(ada, id)));
    const granted = asked.filter(({ status }) => status === 'fulfilled').length;
    expect(granted).toBeGreaterThan(0);
    expect(await shop.returns(ada, id)).toHaveLength(granted);
    while ((await shop.returns(ada, id)).length < 5) await shop.requestReturn(ada, id);
    await expect(shop.requestReturn(ada, id)).rejects.toMatchObject({ status: 422 });
  });

  it('goes on as checkout tells, once, and answers again when it is asked again', async () => {
    const id = await completed();
    const { id: returnId } = await shop.requestReturn(ada, id);
    const of = { orderId: id, returnId };
    await shop.deliver(told(MarkReturnReceived, of), told(MarkReturnReceived, of));
    expect((await shop.returns(ada, id))[0]!.status).toBe('received');
    await shop.deliver(
      told(CompleteReturn, of),
      told(CompleteReturn, of),
      told(RejectReturn, { ...of, reason: 'late' }),
    );
    expect((await shop.returns(boss, id))[0]!.status).toBe('refunded');
    expect((await emitted(returnId)).map(({ type }) => type)).toEqual([
      'orders.return-requested.v1',
      'orders.return-completed.v1',
      'orders.return-completed.v1',
    ]);
    const { items } = await shop.history.execute(new GetHistory(id, ada));
    expect(items.map(({ type }) => type).slice(2)).toEqual(['return-requested', 'return-received', 'return-refunded']);
  });

  it('that is rejected says why, and leaves the pieces to be returned again', async () => {
    const id = await completed(1);
    const { id: returnId } = await shop.requestReturn(ada, id);
    await expect(shop.requestReturn(ada, id)).rejects.toMatchObject({ status: 422 });
    await shop.deliver(told(RejectReturn, { orderId: id, returnId, reason: 'refund refused' }));
    expect((await shop.returns(ada, id))[0]).toMatchObject({ status: 'rejected', reason: 'refund refused' });
    expect((await shop.get.execute(new GetOrder(id, ada))).reason).toBeUndefined();
    expect(await shop.requestReturn(ada, id)).toMatchObject({ status: 'requested' });
  });

  it('is for its customer and administrators only, and for completed orders', async () => {
    const id = await completed();
    await expect(shop.requestReturn(bob, id)).rejects.toMatchObject({ status: 404 });
    await expect(shop.returns(bob, id)).rejects.toMatchObject({ status: 404 });
    const { id: open } = await shop.placeOrder(ada);
    await expect(shop.requestReturn(ada, open)).rejects.toMatchObject({ status: 409 });
  });
});

function emitted(orderId: string): Promise<{ type: string; data: unknown }[]> {
  return shop.rows(
    `select type, envelope -> 'data' as data from outbox where key = $1 order by xid, position`,
    orderId,
  );
}

function countOrders(): Promise<{ orders: number }[]> {
  return shop.rows(`select count(distinct stream_id)::int as orders from event`);
}
