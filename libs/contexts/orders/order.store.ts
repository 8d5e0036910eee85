import { Injectable } from '@nestjs/common';
import {
  Database,
  EventStore,
  defineStream,
  defineWrite,
  type StoredEvent,
  type Transaction,
} from '@holdfast/data-consistency';
import { evolve, replay, type Order, type OrderFact, type OrderPlacedFact } from './domain/order.js';

export const orderStream = defineStream<OrderFact, Order | undefined>('order', {
  initial: undefined,
  evolve,
  upcasters: {
    // 2: without the customer's words.
    'return-requested': [({ returnId, lines, amount }) => ({ returnId, lines, amount })],
  },
});

/** An order and the version it was decided on. `placedAt` is the database's time, so a new order has none yet. */
export interface StoredOrder {
  order: Order;
  version: number;
  placedAt?: Date;
  completedAt?: Date;
}

export interface Address {
  name: string;
  street: string;
  city: string;
  postalCode: string;
  country: string;
}

@Injectable()
export class OrderStore {
  constructor(
    private readonly events: EventStore,
    private readonly database: Database,
  ) {}

  async load(orderId: string, asOf?: Date): Promise<StoredOrder | undefined> {
    const events = await this.history(orderId, asOf);
    const order = replay(events.map(({ fact }) => fact));
    const completedAt = events.find(({ fact }) => fact.type === 'order-completed')?.recordedAt;
    return (
      order && { order, version: events.length, placedAt: events[0]!.recordedAt, ...(completedAt && { completedAt }) }
    );
  }

  history(orderId: string, asOf?: Date): Promise<StoredEvent<OrderFact>[]> {
    return this.events.read(orderStream, orderId, asOf);
  }

  create(tx: Transaction, placed: OrderPlacedFact): StoredOrder {
    tx.append(orderStream, placed.data.orderId, 0, [placed]);
    return { order: replay([placed])!, version: 1 };
  }

  /** Appends what was decided and answers the order as it is then. */
  append(tx: Transaction, { order, version, ...moments }: StoredOrder, facts: readonly OrderFact[]): StoredOrder {
    if (facts.length > 0) tx.append(orderStream, order.orderId, version, facts);
    return { ...moments, order: replay(facts, order)!, version: version + facts.length };
  }

  keepAddress(tx: Transaction, orderId: string, { name, street, city, postalCode, country }: Address): void {
    tx.write(insertAddress, { order_id: orderId, name, street, city, postal_code: postalCode, country });
  }

  addressOf(orderId: string): Promise<Address | undefined> {
    return this.database.one<Address & Record<string, string>>(
      `select name, street, city, postal_code as "postalCode", country from order_address where order_id = $1`,
      [orderId],
    );
  }

  keepReturnReason(tx: Transaction, reason: { orderId: string; returnId: string; words: string }): void {
    tx.write(insertReturnReason, { order_id: reason.orderId, return_id: reason.returnId, words: reason.words });
  }

  /** What the customer said of each return, by its id. */
  async returnReasons(orderId: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.read<{ return_id: string; words: string }>(
      `select return_id, words from return_reason where order_id = $1`,
      [orderId],
    );
    return new Map(rows.map(({ return_id, words }) => [return_id, words]));
  }
}

// Personal data stays out of the events: a row can be erased, history cannot.
const insertAddress = defineWrite<{
  order_id: string;
  name: string;
  street: string;
  city: string;
  postal_code: string;
  country: string;
}>(
  'orders.insert-address',
  { order_id: 'uuid', name: 'text', street: 'text', city: 'text', postal_code: 'text', country: 'text' },
  `insert into order_address (order_id, name, street, city, postal_code, country)
   select order_id, name, street, city, postal_code, country from rows`,
);

const insertReturnReason = defineWrite<{ order_id: string; return_id: string; words: string }>(
  'orders.insert-return-reason',
  { order_id: 'uuid', return_id: 'uuid', words: 'text' },
  `insert into return_reason (order_id, return_id, words) select order_id, return_id, words from rows`,
);
