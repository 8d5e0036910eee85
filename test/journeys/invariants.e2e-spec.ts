import { randomUUID } from 'node:crypto';
import { expectInvariants } from '../support/invariants.js';
import { leaks } from '../support/leaks.js';
import { poison } from '../support/poison.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';

const NO_ORDER = randomUUID();
const PAYMENT = '(select payment_id from payments.payment where order_id = :order)';

/** A checker that has never said no proves nothing: each of these wrongs must be found, and named. */
describe.each(topologies)('the checker of the invariants (%s)', (topology) => {
  let shop: Shop;
  let order: string;

  beforeAll(async () => {
    shop = await topology.start();
    const ada = await shop.customer();
    order = (await ada.placeOrder({ sku: 'TEA-001', quantity: 2 })).id;
    await shop.quiet();
    expect((await ada.tryReturn(order, [{ sku: 'TEA-001', quantity: 1 }])).status).toBe(201);
    await shop.quiet();
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());

  /** Does something wrong, sees it found, puts it right. */
  async function finds(rule: string, wrong: string, right: string): Promise<void> {
    const run = async (sql: string) => {
      const client = await shop.database.connect();
      try {
        await client.query('set session_replication_role = replica'); // past every trigger that would prevent it
        await client.query(sql.replaceAll(':order', `'${order}'`));
        await client.query('reset session_replication_role');
      } finally {
        client.release();
      }
    };
    await run(wrong);
    try {
      await expect(expectInvariants(shop)).rejects.toThrow(rule);
    } finally {
      await run(right); // others use this shop
    }
    await expectInvariants(shop);
  }

  it.each([
    [
      'an entry of the books has unequal sides',
      `update payments.ledger_entry set debit = debit + 1 where payment_id = ${PAYMENT} and movement = 'authorise' and debit > 0`,
      `update payments.ledger_entry set debit = debit - 1 where payment_id = ${PAYMENT} and movement = 'authorise' and debit > 0`,
    ],
    [
      'stock and its movements disagree',
      `update inventory.stock set on_hand = on_hand + 1 where sku = 'TEA-001'`,
      `update inventory.stock set on_hand = on_hand - 1 where sku = 'TEA-001'`,
    ],
    [
      'what is reserved is not what live reservations ask for',
      `update inventory.reservation set state = 'secured' where order_id = :order`,
      `update inventory.reservation set state = 'issued' where order_id = :order`,
    ],
    [
      'the catalog says something else',
      `update catalog.availability set available = available + 1 where sku = 'TEA-002'`,
      `update catalog.availability set available = available - 1 where sku = 'TEA-002'`,
    ],
    [
      'not exactly one shipment',
      `update shipping.shipment set order_id = '${NO_ORDER}' where order_id = :order`,
      `update shipping.shipment set order_id = :order where order_id = '${NO_ORDER}'`,
    ],
    [
      'the purchase ended otherwise',
      `update checkout.saga set status = 'compensated' where id = :order`,
      `update checkout.saga set status = 'completed' where id = :order`,
    ],
    [
      'captured for an order that was not completed',
      `update orders.event set type = 'order-cancelled' where stream_id = :order and type = 'order-completed'`,
      `update orders.event set type = 'order-completed' where stream_id = :order and type = 'order-cancelled'`,
    ],
    [
      'a stream has a gap',
      `update orders.event set version = 99 where stream_id = :order and version = 3`,
      `update orders.event set version = 3 where stream_id = :order and version = 99`,
    ],
    [
      'the list of orders is not what their events say',
      `update orders.order_summary set status = 'shipped' where order_id = :order`,
      `update orders.order_summary set status = 'completed' where order_id = :order`,
    ],
    [
      'not told how the order ended',
      `update notifications.notification set template = 'none' where order_id = :order and template = 'order-completed'`,
      `update notifications.notification set template = 'order-completed' where order_id = :order and template = 'none'`,
    ],
    [
      'a return neither ended nor waits',
      `update orders.event set type = 'return-forgotten' where stream_id = :order and type = 'return-refunded'`,
      `update orders.event set type = 'return-refunded' where stream_id = :order and type = 'return-forgotten'`,
    ],
    [
      'a return, its refund and its goods disagree',
      `update payments.ledger_entry set debit = debit * 2, credit = credit * 2 where payment_id = ${PAYMENT} and account in ('refunds', 'provider-receivable') and movement like '%-%-%'`,
      `update payments.ledger_entry set debit = debit / 2, credit = credit / 2 where payment_id = ${PAYMENT} and account in ('refunds', 'provider-receivable') and movement like '%-%-%'`,
    ],
    [
      'more pieces came back than were bought',
      `update orders.event set data = jsonb_set(data::jsonb, '{lines,0,quantity}', '3')::json where stream_id = :order and type = 'return-requested'`,
      `update orders.event set data = jsonb_set(data::jsonb, '{lines,0,quantity}', '1')::json where stream_id = :order and type = 'return-requested'`,
    ],
    [
      'completed without exactly one capture of the total',
      `update orders.event set data = jsonb_set(data::jsonb, '{total,amount}', '1')::json where stream_id = :order and version = 1`,
      `update orders.event set data = jsonb_set(data::jsonb, '{total,amount}', '1300')::json where stream_id = :order and version = 1`,
    ],
    [
      "somebody's address is in a message",
      `insert into orders.outbox (message_id, type, key, envelope)
       select gen_random_uuid(), 'orders.read-by-nobody.v1', key,
              jsonb_set(envelope::jsonb, '{data,to}', '"ada@shoppers.example"')::json
       from orders.outbox where key = :order limit 1`,
      `delete from orders.outbox where type = 'orders.read-by-nobody.v1'`,
    ],
  ])('finds that %s', (rule, wrong, right) => finds(rule, wrong, right));

  it('finds a message that was parked for no good reason', async () => {
    const id = await poison(shop.database, { context: 'inventory', data: {} });
    await expect(expectInvariants(shop)).rejects.toThrow('neither handled nor given up');
    shop.parked.push(id);
    await expectInvariants(shop);
    await shop.database.query('delete from inventory.inbox where message_id = $1', [id]);
  });

  it('is never done with a shop that does not come to rest', async () => {
    const id = randomUUID();
    await shop.database.query(
      `insert into orders.inbox (message_id, handler, lane, type, source, position, next_attempt_at, envelope)
       values ($1, 'nobody', '/x', 'x.y.v1', 'x', nextval('orders.inbox_position'), 'infinity', '{"subject": "x"}')`,
      [id],
    );
    await expect(shop.quiet(300)).rejects.toThrow(/orders[^]*inbox[^]*nobody/);
    await shop.database.query('delete from orders.inbox where message_id = $1', [id]);
  });

  it.each([
    ['an e-mail address', '{"msg":"registered ada@shoppers.example"}'],
    ['a token', '{"msg":"eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"}'],
    ['a card token', '{"msg":"asked for tok_ok"}'],
    ['something of a user', '{"msg":"hunter2-the-password"}'],
  ])('finds %s in the log', (what, line) => {
    const found = leaks({ logs: () => ['{"msg":"fine"}', line], confidential: new Set(['hunter2-the-password']) });
    expect(found.map((leak) => leak.what)).toContain(what);
    expect(leaks({ logs: () => ['{"msg":"fine"}'], confidential: new Set() })).toEqual([]);
  });
});
