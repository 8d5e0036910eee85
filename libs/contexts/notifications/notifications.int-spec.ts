import { OrderCancelled, OrderCompleted, OrderConfirmed, OrderPlaced, OrderRejected } from '@holdfast/contracts/orders';
import { PaymentRefunded } from '@holdfast/contracts/payments';
import { ShipmentDispatched } from '@holdfast/contracts/shipping';
import { Database, Road, type MessageHandler } from '@holdfast/data-consistency';
import { PageQuery } from '@holdfast/host';
import {
  InProcessConveyor,
  handlersOf,
  newId,
  seal,
  type AnyContract,
  type DataOf,
  type Message,
} from '@holdfast/messaging';
import { Logger } from '@nestjs/common';
import { Notifications1795132800001 } from '../../../migrations/notifications/0001-notifications.js';
import { eventually } from '../../../test/support/eventually.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import { ListNotifications, ListNotificationsHandler } from './list-notifications/list-notifications.js';
import { LogChannel } from './log.channel.js';
import { NotificationStore } from './notification.store.js';
import { OnOrderPlaced } from './on-order-placed/on-order-placed.js';
import { OnPurchaseProgress } from './on-purchase-progress/on-purchase-progress.js';
import { Recipients } from './recipients.js';

const own = ownDatabase('notifications', [Notifications1795132800001]);
const eur = (amount: number) => ({ amount, currency: 'EUR' });

type Line = Record<'msg' | 'notificationId' | 'recipientId' | 'template' | 'orderId', string>;
const lines: Line[] = [];

const conveyor = new InProcessConveyor();
let road: Road;
let list: ListNotificationsHandler;

beforeAll(async () => {
  Logger.overrideLogger({ log: (line: Line) => lines.push(line), warn: () => {}, error: () => {} });
  const database = new Database(own.pool);
  const unheard = { observed: () => {}, failed: () => {} };
  road = new Road({ context: 'notifications', database, conveyor, projections: [], ...unheard });
  const recipients = new Recipients(database);
  const progress = new OnPurchaseProgress(new NotificationStore(database), recipients, new LogChannel());
  list = new ListNotificationsHandler(database);
  road.connect([new OnOrderPlaced(recipients), progress].flatMap(handlersIn));
  road.start();
  own.cleanUp.defer(async () => {
    await road.stopHandling();
    await road.releaseLeadership();
  });
});

const told = <Contract extends AnyContract>(contract: Contract, data: DataOf<Contract>): Message =>
  seal({ contract, data }, { source: 'test', time: new Date() });

const placed = (order: { orderId: string; customerId: string }) =>
  told(OrderPlaced, { ...order, lines: [], total: eur(900), paymentMethod: { provider: 'acme', token: 'tok_ok' } });

const refunded = ({ orderId }: { orderId: string }, amount: number) =>
  told(PaymentRefunded, { orderId, paymentId: newId(), refundId: newId(), amount: eur(amount) });

const newOrder = (customerId = newId()) => ({ orderId: newId(), customerId });

it('tells the customer of everything that matters, newest first, page by page', async () => {
  const order = newOrder();
  const shipment = { ...order, shipmentId: newId(), carrier: 'globepost', trackingCode: 'GP1' };
  await deliver(
    placed(order),
    told(OrderConfirmed, order),
    told(ShipmentDispatched, shipment),
    told(OrderCompleted, { ...order, total: eur(900) }),
    refunded(order, 450),
    told(OrderRejected, { ...newOrder(order.customerId), reason: 'out of stock' }),
    told(OrderCancelled, { ...newOrder(order.customerId), reason: 'cancelled by the customer' }),
    told(OrderConfirmed, newOrder()),
  );
  const first = await page(order.customerId, { limit: 4 });
  const second = await page(order.customerId, { limit: 4, cursor: first.nextCursor! });
  expect([...first.items, ...second.items].map(({ template, text }) => [template, text])).toEqual([
    ['order-cancelled', 'Your order is cancelled: cancelled by the customer.'],
    ['order-rejected', 'We cannot deliver your order: out of stock.'],
    ['payment-refunded', 'We have refunded EUR 4.50.'],
    ['order-completed', 'Your order is complete. You paid EUR 9.00.'],
    ['shipment-dispatched', 'Your order is on its way with globepost. Its tracking code is GP1.'],
    ['order-confirmed', 'Your order is confirmed. We are packing it.'],
  ]);
  expect(second.items[1]).toMatchObject({ orderId: order.orderId, at: expect.stringMatching(/Z$/) });
  expect(second.nextCursor).toBeNull();
});

it('tells of each thing once, however often it hears of it, and under whichever message', async () => {
  const order = newOrder();
  const shipment = { ...order, shipmentId: newId(), carrier: 'globepost', trackingCode: 'GP1' };
  const confirmed = told(OrderConfirmed, order);
  await deliver(confirmed, confirmed, told(ShipmentDispatched, shipment), told(ShipmentDispatched, shipment));
  await deliver(confirmed, told(ShipmentDispatched, shipment));
  expect(sentFor(order)).toEqual(['order-confirmed', 'shipment-dispatched']);
  expect((await page(order.customerId)).items).toHaveLength(2);
});

it('says on the log whom and what, by their ids', async () => {
  const order = newOrder();
  const confirmed = told(OrderConfirmed, order);
  await deliver(confirmed);
  const { orderId, customerId: recipientId } = order;
  const line = {
    msg: 'notification sent',
    notificationId: confirmed.id,
    recipientId,
    template: 'order-confirmed',
    orderId,
  };
  expect(lines.filter((line) => line.orderId === orderId)).toEqual([line]);
});

it('tells of each refund', async () => {
  const order = newOrder();
  await deliver(placed(order), refunded(order, 100), refunded(order, 100));
  expect(sentFor(order)).toEqual(['payment-refunded', 'payment-refunded']);
});

it('waits with a refund until it knows whose it is', async () => {
  const order = newOrder();
  await conveyor.carry([refunded(order, 100)]);
  await until(`select from inbox where envelope -> 'data' ->> 'orderId' = '${order.orderId}' and attempts > 1`, 1);
  await deliver(placed(order));
  expect(sentFor(order)).toEqual(['payment-refunded']);
});

it('shows nobody the notifications of others', async () => {
  const order = newOrder();
  await deliver(told(OrderConfirmed, order));
  expect((await page(newId())).items).toEqual([]);
  expect((await page(order.customerId)).items).toHaveLength(1);
});

const sentFor = ({ orderId }: { orderId: string }) =>
  lines.filter((line) => line.orderId === orderId).map(({ template }) => template);

function page(id: string, query: Partial<PageQuery> = {}) {
  return list.execute(new ListNotifications(Object.assign(new PageQuery(), query), { id, roles: [] }));
}

/** Act, then wait until the inbox is empty. */
async function deliver(...messages: Message[]): Promise<void> {
  await conveyor.carry(messages);
  await until('select from inbox where done_at is null limit 1', 0);
}

async function until(query: string, rowCount: number): Promise<void> {
  const what = `${rowCount} rows: ${query}`;
  await eventually(async () => (await own.pool.query(query)).rowCount === rowCount, { what, withinMs: 30_000 });
}

function handlersIn(provider: object): MessageHandler[] {
  return handlersOf(provider.constructor).map(({ method, name, contract, lane = '' }) => ({
    name,
    contract,
    lane,
    maxAttempts: 1_000,
    backoffMs: [5],
    handle: (...args) => (provider as Record<string, (...args: unknown[]) => unknown>)[method]!(...args),
  }));
}
