import type { Transaction } from '@holdfast/data-consistency';
import { Handles, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import {
  CompleteOrder,
  ConfirmOrder,
  MarkAuthorised,
  MarkReserved,
  MarkShipped,
  RejectOrder,
} from '../contracts/commands.js';
import {
  complete,
  confirm,
  markAuthorised,
  markReserved,
  markShipped,
  reject,
  type Order,
  type OrderFact,
} from '../domain/order.js';
import { tell, tellCompleted, tellConfirmed } from '../order.announcements.js';
import { OrderStore } from '../order.store.js';

/** How far the purchase has come, as checkout tells it. What the order already knows, or no longer cares about, changes nothing. */
@Injectable()
export class RecordProgress {
  constructor(private readonly orders: OrderStore) {}

  @Handles(MarkReserved)
  reserved({ orderId }: DataOf<typeof MarkReserved>, tx: Transaction) {
    return this.record(tx, orderId, markReserved);
  }

  @Handles(MarkAuthorised)
  authorised({ orderId }: DataOf<typeof MarkAuthorised>, tx: Transaction) {
    return this.record(tx, orderId, markAuthorised);
  }

  @Handles(ConfirmOrder)
  async confirmed({ orderId }: DataOf<typeof ConfirmOrder>, tx: Transaction) {
    const { order, facts } = await this.record(tx, orderId, confirm);
    if (facts.length === 0) tellConfirmed(tx, order); // asked again: answered again
  }

  @Handles(MarkShipped)
  shipped({ orderId }: DataOf<typeof MarkShipped>, tx: Transaction) {
    return this.record(tx, orderId, markShipped);
  }

  @Handles(CompleteOrder)
  async completed({ orderId }: DataOf<typeof CompleteOrder>, tx: Transaction) {
    const { order, facts } = await this.record(tx, orderId, complete);
    if (facts.length === 0) tellCompleted(tx, order); // asked again: answered again
  }

  @Handles(RejectOrder)
  rejected({ orderId, reason }: DataOf<typeof RejectOrder>, tx: Transaction) {
    return this.record(tx, orderId, (order) => reject(order, reason));
  }

  private async record(tx: Transaction, orderId: string, decide: (order: Order) => OrderFact[]) {
    const found = await this.orders.load(orderId);
    if (!found) throw new Error(`There is no order ${orderId} to record progress of`);
    const facts = decide(found.order);
    const after = this.orders.append(tx, found, facts);
    tell(tx, after, facts);
    return { order: after.order, facts };
  }
}
