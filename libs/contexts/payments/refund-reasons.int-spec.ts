import { Database, EventStore } from '@holdfast/data-consistency';
import { migrate } from '@holdfast/database';
import { newId } from '@holdfast/messaging';
import { Payments1763600000001 } from '../../../migrations/payments/0001-payments.js';
import { RefundReasons1795996800003 } from '../../../migrations/payments/0002-refund-reasons.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import { PaymentStore, paymentStream } from './payment.store.js';

const own = ownDatabase('payments');

it('what was said of refunds while it was in the events moves beside them', async () => {
  await migrate({ adminUrl: own.url, plans: [{ context: 'payments', migrations: [Payments1763600000001] }] });
  const [orderId, said, unsaid] = [newId(), newId(), newId()];
  for (const [index, data] of [{ refundId: said, reason: 'torn' }, { refundId: unsaid }].entries()) {
    await own.pool.query(
      `insert into event (stream_type, stream_id, version, event_id, type, schema_version, data, metadata)
       values ('payment', $1, $2, gen_random_uuid(), 'refund-requested', 1, $3, '{}')`,
      [orderId, index + 1, { ...data, amount: 300 }],
    );
  }
  const migrations = [Payments1763600000001, RefundReasons1795996800003];
  await migrate({ adminUrl: own.url, plans: [{ context: 'payments', migrations }] });

  const database = new Database(own.pool);
  const events = new EventStore(database);
  expect([...(await new PaymentStore(events, database).refundReasons(orderId))]).toEqual([[said, 'torn']]);
  expect((await events.read(paymentStream, orderId)).map(({ fact }) => fact.data)).toEqual([
    { refundId: said, amount: 300 },
    { refundId: unsaid, amount: 300 },
  ]);
});
