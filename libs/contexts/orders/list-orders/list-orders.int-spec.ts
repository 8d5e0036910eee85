import { withConsistency } from '@holdfast/data-consistency';
import { newId } from '@holdfast/messaging';
import { OrdersOnPostgres, customer } from '../orders.fixture.js';
import { ListOrders, OrdersQuery } from './list-orders.js';

const boss = { id: newId(), roles: ['admin'] };
let shop: OrdersOnPostgres;

beforeAll(async () => {
  shop = await OrdersOnPostgres.start();
});
afterAll(() => shop?.stop());
afterEach(() => expect(shop.failures).toEqual([]));

describe('listing orders', () => {
  it('shows own orders newest first, page by page, as soon as they are written', async () => {
    const eve = customer();
    const ids: string[] = [];
    await withConsistency(undefined, async () => {
      for (let n = 0; n < 5; n++) ids.unshift((await shop.placeOrder(eve)).id);
      const first = await shop.list.execute(new ListOrders(page({ limit: 2 }), eve));
      const second = await shop.list.execute(new ListOrders(page({ limit: 2, cursor: first.nextCursor! }), eve));
      const third = await shop.list.execute(new ListOrders(page({ limit: 2, cursor: second.nextCursor! }), eve));
      expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids);
      expect(third.nextCursor).toBeNull();
      expect(first.items[0]).toMatchObject({ status: 'placed', total: { amount: 900, currency: 'EUR' }, version: 1 });
    });
  });

  it('filters by status and shows administrators everybody’s', async () => {
    const eve = customer();
    await withConsistency(undefined, async () => {
      const { id } = await shop.placeOrder(eve);
      await shop.placeOrder(eve);
      await shop.cancelOrder(eve, id);
      const { items } = await shop.list.execute(new ListOrders(page({ status: 'cancelled' }), eve));
      expect(items).toMatchObject([{ id, status: 'cancelled', reason: 'cancelled by the customer', version: 2 }]);

      const everybodys = await shop.list.execute(new ListOrders(page({ limit: 100 }), boss));
      expect(everybodys.items.length).toBe(7);
      expect((await shop.list.execute(new ListOrders(page({}), customer()))).items).toEqual([]);
    });
  });

  it('refuses a cursor it has not given', async () => {
    const cursor = Buffer.from('["1 or 1=1"]').toString('base64url');
    await expect(shop.list.execute(new ListOrders(page({ cursor }), customer()))).rejects.toMatchObject({
      status: 400,
    });
  });
});

function page(query: Partial<OrdersQuery>): OrdersQuery {
  return Object.assign(new OrdersQuery(), query);
}
