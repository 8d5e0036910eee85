import { Database, EventStore } from '@holdfast/data-consistency';
import { migrate } from '@holdfast/database';
import { newId } from '@holdfast/messaging';
import { Orders1763600000000 } from '../../../migrations/orders/0001-orders.js';
import { OrdersByStatus1795996800000 } from '../../../migrations/orders/0002-orders-by-status.js';
import { ReturnReasons1795996800002 } from '../../../migrations/orders/0003-return-reasons.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import { OrderStore } from './order.store.js';

const own = ownDatabase('orders');

it('what customers said of returns while it was in the events moves beside them', async () => {
  const before = [Orders1763600000000, OrdersByStatus1795996800000];
  await migrate({ adminUrl: own.url, plans: [{ context: 'orders', migrations: before }] });
  const [orderId, said, unsaid] = [newId(), newId(), newId()];
  const amount = { amount: 450, currency: 'EUR' };
  const lines = [{ sku: 'TEA-001', quantity: 1 }];
  for (const [index, data] of [{ returnId: said, reason: 'too bitter' }, { returnId: unsaid }].entries()) {
    await own.pool.query(
      `insert into event (stream_type, stream_id, version, event_id, type, schema_version, data, metadata)
       values ('order', $1, $2, gen_random_uuid(), 'return-requested', 1, $3, '{}')`,
      [orderId, index + 1, { ...data, lines, amount }],
    );
  }
  await migrate({
    adminUrl: own.url,
    plans: [{ context: 'orders', migrations: [...before, ReturnReasons1795996800002] }],
  });

  const database = new Database(own.pool);
  const orders = new OrderStore(new EventStore(database), database);
  expect([...(await orders.returnReasons(orderId))]).toEqual([[said, 'too bitter']]);
  expect((await orders.history(orderId)).map(({ fact }) => fact.data)).toEqual([
    { returnId: said, lines, amount },
    { returnId: unsaid, lines, amount },
  ]);
});
