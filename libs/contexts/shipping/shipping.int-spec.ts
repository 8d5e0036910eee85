import { ShippingAddress } from '@holdfast/contracts/orders';
import { Database, Road, type MessageHandler } from '@holdfast/data-consistency';
import { InProcessConveyor, Queries, handlersOf, newId, seal, type Message } from '@holdfast/messaging';
import { Shipping1795132800001 } from '../../../migrations/shipping/0001-shipping.js';
import { eventually } from '../../../test/support/eventually.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import { Carriers, NotBooked, type Carrier, type Parcel } from './carrier.js';
import { GlobepostCarrier } from './carriers/globepost/globepost-carrier.js';
import { globepostStandIn } from './carriers/globepost/globepost-stand-in.js';
import { ParcelwiseCarrier } from './carriers/parcelwise/parcelwise-carrier.js';
import { parcelwiseStandIn } from './carriers/parcelwise/parcelwise-stand-in.js';
import { CollectReturnHandler } from './collect-return/collect-return.js';
import { ReceiveReturn, SendReturnBack, ShipOrder } from './contracts/commands.js';
import { DispatchShipmentHandler } from './dispatch-shipment/dispatch-shipment.js';
import { ListShipments, ListShipmentsHandler } from './list-shipments/list-shipments.js';
import { OnReceiveReturn } from './on-receive-return/on-receive-return.js';
import { OnSendReturnBack } from './on-send-return-back/on-send-return-back.js';
import { OnShipOrder } from './on-ship-order/on-ship-order.js';
import { ReturnParcelStore } from './return-parcel.store.js';
import { ShipmentStore } from './shipment.store.js';

const own = ownDatabase('shipping', [Shipping1795132800001]);
const ada = newId();
const london = { name: 'Ada Lovelace', street: '12 Square', city: 'London', postalCode: 'SW1Y', country: 'GB' };

/** Books with the real thing, whose answer is lost now and then. */
class FlakyCarrier implements Carrier {
  losesNext = 0;
  readonly asked: Parcel[] = [];

  constructor(private readonly carrier: Carrier) {}

  async book(parcel: Parcel): Promise<string> {
    this.asked.push(parcel);
    const code = await this.carrier.book(parcel);
    if (this.losesNext-- > 0) throw new NotBooked('the answer was lost');
    return code;
  }
}

const parcelwise = new FlakyCarrier(new ParcelwiseCarrier(parcelwiseStandIn));
const globepost = new FlakyCarrier(new GlobepostCarrier(globepostStandIn));
const conveyor = new InProcessConveyor();
const addresses = new Map<string, typeof london>();
let road: Road;
let list: ListShipmentsHandler;

beforeAll(async () => {
  const database = new Database(own.pool);
  road = new Road({ context: 'shipping', database, conveyor, projections: [], observed: () => {}, failed: () => {} });
  const queries = new Queries();
  queries.answer(ShippingAddress, ({ orderId }) => addresses.get(orderId)!);
  const store = new ShipmentStore(database);
  list = new ListShipmentsHandler(store);
  const parcels = new ReturnParcelStore(database);
  const carriers = new Carriers({ parcelwise, globepost });
  const handlers = [
    new OnShipOrder(store, queries),
    new DispatchShipmentHandler(store, queries, carriers),
    new OnReceiveReturn(parcels, queries),
    new CollectReturnHandler(parcels, queries, carriers),
    new OnSendReturnBack(parcels, queries, carriers),
  ];
  road.connect(handlers.flatMap(handlersIn));
  road.start();
  own.cleanUp.defer(async () => {
    await road.stopHandling();
    await road.releaseLeadership();
  });
});

beforeEach(() => {
  for (const carrier of [parcelwise, globepost]) Object.assign(carrier, { losesNext: 0 }).asked.length = 0;
});

function shipping(country: string): Message {
  const orderId = newId();
  addresses.set(orderId, { ...london, country });
  return again({ orderId });
}

function again({ orderId }: { orderId: string }): Message {
  const data = { orderId, customerId: ada, lines: [{ sku: 'TEA-001', quantity: 2 }] };
  return seal(ShipOrder.of(data), { source: 'checkout', time: new Date() });
}

it.each([
  ['DE', 'parcelwise', parcelwise, globepost],
  ['GB', 'globepost', globepost, parcelwise],
] as const)('ships to %s with %s', async (country, carrier, booked, idle) => {
  const order = shipping(country);
  await conveyor.carry([order]);
  const [told] = await dispatched(order.subject, 1);
  expect(told).toMatchObject({ orderId: order.subject, customerId: ada, carrier });
  expect(booked.asked).toMatchObject([{ shipmentId: told!.shipmentId, pieces: 2, address: { country } }]);
  expect(idle.asked).toEqual([]);

  const { items } = await list.execute(new ListShipments(order.subject, { id: ada, roles: [] }));
  const { shipmentId: id, trackingCode } = told!;
  expect(items).toEqual([{ id, orderId: order.subject, status: 'dispatched', carrier, trackingCode }]);
});

it.each([
  ['in one line', { street: '1 Main Street, Berlin' }, 'parcelwise'],
  ['without a name', { street: '1 Road', city: 'Berlin', postalCode: '10115', country: 'DE' }, 'parcelwise'],
  ['at home in words', { ...london, country: 'Germany' }, 'parcelwise'],
  ['abroad in words', { ...london, country: 'United Kingdom' }, 'globepost'],
  ['in a country that nobody knows', { city: 'Ankh', country: 'Discworld' }, 'globepost'],
])('ships to an address %s: an order is confirmed with it', async (_, given, carrier) => {
  const orderId = newId();
  addresses.set(orderId, { name: '', street: '', city: '', postalCode: '', country: '', ...given });
  await conveyor.carry([again({ orderId })]);
  const [told] = await dispatched(orderId, 1);
  expect(told).toMatchObject({ orderId, carrier });
});

it('ships an order once, and says so again whenever it is asked again', async () => {
  const order = shipping('GB');
  await conveyor.carry([order, order, again({ orderId: order.subject }), again({ orderId: order.subject })]);
  await dispatched(order.subject, 1);
  const before = (await dispatched(order.subject, 1)).length;
  await conveyor.carry([again({ orderId: order.subject }), order]);

  const told = await dispatched(order.subject, before + 1);
  expect(new Set(told.map((data) => JSON.stringify(data))).size).toBe(1);
  expect(new Set(globepost.asked.map(({ shipmentId }) => shipmentId)).size).toBe(1);
});

it('books again under the same name when the answer was lost', async () => {
  globepost.losesNext = 2;
  const order = shipping('GB');
  await conveyor.carry([order]);
  const told = await dispatched(order.subject, 1);
  expect(told).toHaveLength(1);
  expect(globepost.asked.map(({ shipmentId }) => shipmentId)).toEqual(Array(3).fill(told[0]!.shipmentId));
});

it('keeps nothing of the address, in no table', async () => {
  const order = shipping('DE');
  await conveyor.carry([order]);
  await dispatched(order.subject, 1);
  expect(parcelwise.asked).toMatchObject([{ address: { name: 'Ada Lovelace', postalCode: 'SW1Y' } }]);
  for (const table of ['shipment', 'outbox', 'inbox', 'event']) {
    const { rows } = await own.pool.query(
      `select count(*)::int as found from ${table} t where t::text ~ 'Lovelace|SW1Y'`,
    );
    expect({ table, ...rows[0] }).toEqual({ table, found: 0 });
  }
});

it('shows a shipment to its owner, administrators and operators; to others it is not there', async () => {
  const order = shipping('DE');
  await conveyor.carry([order]);
  await dispatched(order.subject, 1);
  for (const role of ['admin', 'operator']) {
    const { items } = await list.execute(new ListShipments(order.subject, { id: newId(), roles: [role] }));
    expect(items).toHaveLength(1);
  }
  const foreign = await list.execute(new ListShipments(order.subject, { id: newId(), roles: [] })).catch((e) => e);
  const missing = await list.execute(new ListShipments(newId(), { id: ada, roles: [] })).catch((e) => e);
  expect(foreign.getStatus()).toBe(404);
  expect(missing.detail).toBe(foreign.detail);
});

describe('goods that come back', () => {
  const lines = [{ sku: 'TEA-001', quantity: 2 }];

  function expecting(returnId = newId()) {
    const orderId = newId();
    addresses.set(orderId, { ...london, country: 'DE' });
    const carry = (...messages: Message[]) => conveyor.carry(messages);
    const sealed = { source: 'checkout', time: new Date() };
    return {
      returnId,
      receive: () => carry(seal(ReceiveReturn.of({ returnId, orderId, lines }), sealed)),
      sendBack: () => carry(seal(SendReturnBack.of({ returnId, orderId }), sealed)),
      status: async () =>
        (await own.pool.query('select status from return_parcel where return_id = $1', [returnId])).rows[0]
          ?.status as string,
    };
  }

  async function said(returnId: string, atLeast: number): Promise<string[]> {
    const told = async () =>
      (
        await own.pool.query(
          `select type from outbox where key = $1 and type like '%.return-%' order by xid, position`,
          [returnId],
        )
      ).rows
        .map(({ type }) => (type as string).slice(9, -3))
        .filter((type) => type === 'return-received' || type === 'return-sent-back');
    await until(async () => (await told()).length >= atLeast);
    await until(inboxIsEmpty);
    return told();
  }

  it('are picked up once where they were delivered, although the answer was lost, and said so again when asked again', async () => {
    parcelwise.losesNext = 1;
    const { returnId, receive, status } = expecting();
    await receive();
    expect(await said(returnId, 1)).toEqual(['return-received']);
    await receive();
    expect(await said(returnId, 2)).toEqual(['return-received', 'return-received']);
    const booking = [returnId, 2];
    const asked = parcelwise.asked.map(({ shipmentId, pieces }) => [shipmentId, pieces]);
    expect(asked).toEqual([booking, booking]);
    expect(await status()).toBe('received');
  });

  it('and are not wanted after all go home, once', async () => {
    const { returnId, receive, sendBack, status } = expecting();
    await receive();
    await said(returnId, 1);
    await sendBack();
    await said(returnId, 2);
    await sendBack();
    expect(await said(returnId, 3)).toEqual(['return-received', 'return-sent-back', 'return-sent-back']);
    expect(parcelwise.asked.map(({ shipmentId }) => shipmentId)).toEqual([returnId, `${returnId}-back`]);
    expect(await status()).toBe('sent-back');
  });

  it('were never asked for, because an operator discarded that, need not go home', async () => {
    const { returnId, sendBack, status } = expecting();
    await sendBack();
    expect(await said(returnId, 1)).toEqual(['return-sent-back']);
    expect([await status(), parcelwise.asked]).toEqual([undefined, []]);
  });

  it('too late are not taken in: the return was called off', async () => {
    const { returnId, receive, sendBack, status } = expecting();
    addresses.clear(); // nobody can be asked where to pick them up
    await own.pool.query(
      `insert into return_parcel (return_id, order_id, lines, carrier, status) values ($1, $2, $3, 'parcelwise', 'expected')`,
      [returnId, newId(), JSON.stringify(lines)],
    );
    await receive();
    await sendBack();
    expect(await said(returnId, 1)).toEqual(['return-sent-back']);
    expect([await status(), parcelwise.asked]).toEqual(['called-off', []]);
  });
});

async function dispatched(orderId: string, atLeast: number): Promise<Record<string, string>[]> {
  const told = () =>
    own.pool.query(
      `select envelope -> 'data' as data from outbox where key = $1 and type = 'shipping.shipment-dispatched.v1'
       order by xid, position`,
      [orderId],
    );
  await until(async () => (await told()).rows.length >= atLeast);
  await until(inboxIsEmpty);
  return (await told()).rows.map(({ data }) => data);
}

const inboxIsEmpty = async () =>
  (await own.pool.query('select from inbox where done_at is null limit 1')).rows.length === 0;

function until(holds: () => Promise<boolean>): Promise<boolean> {
  return eventually(holds, { what: `it came to pass that ${holds}`, withinMs: 30_000 });
}

function handlersIn(provider: object): MessageHandler[] {
  return handlersOf(provider.constructor).map(({ method, name, contract, lane = '', maxAttempts = 3 }) => ({
    name,
    contract,
    lane,
    maxAttempts,
    backoffMs: [1],
    handle: (...args) => (provider as Record<string, (...args: unknown[]) => unknown>)[method]!(...args),
  }));
}
