import type { Transaction } from '@holdfast/data-consistency';
import { Handles, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { CompleteReturn, MarkReturnReceived, RejectReturn } from '../contracts/commands.js';
import type { Order } from '../domain/order.js';
import { completeReturn, receiveReturn, rejectReturn, type ReturnFact } from '../domain/return.js';
import { tell, tellReturnCompleted } from '../order.announcements.js';
import { OrderStore } from '../order.store.js';

/** How far a return has come, as checkout tells it. */
@Injectable()
export class RecordReturn {
  constructor(private readonly orders: OrderStore) {}

  @Handles(MarkReturnReceived)
  async received({ orderId, returnId }: DataOf<typeof MarkReturnReceived>, tx: Transaction): Promise<void> {
    await this.record(tx, orderId, (order) => receiveReturn(order, returnId));
  }

  @Handles(CompleteReturn)
  async completed({ orderId, returnId }: DataOf<typeof CompleteReturn>, tx: Transaction): Promise<void> {
    const { order, facts } = await this.record(tx, orderId, (order) => completeReturn(order, returnId));
    if (facts.length === 0) tellReturnCompleted(tx, order, returnId); // asked again: answered again
  }

  @Handles(RejectReturn)
  async rejected({ orderId, returnId, reason }: DataOf<typeof RejectReturn>, tx: Transaction): Promise<void> {
    await this.record(tx, orderId, (order) => rejectReturn(order, returnId, reason));
  }

  private async record(tx: Transaction, orderId: string, decide: (order: Order) => ReturnFact[]) {
    const found = await this.orders.load(orderId);
    if (!found) throw new Error(`There is no order ${orderId} to record a return of`);
    const facts = decide(found.order);
    const after = this.orders.append(tx, found, facts);
    tell(tx, after, facts);
    return { order: after.order, facts };
  }
}
