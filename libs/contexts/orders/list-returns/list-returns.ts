import type { Principal } from '@holdfast/security';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { isVisibleTo } from '../domain/order.js';
import { noSuchOrder } from '../order.problems.js';
import { OrderStore } from '../order.store.js';
import { returnView, type ReturnsView } from '../return.view.js';

export class ListReturns extends Query<ReturnsView> {
  constructor(
    readonly orderId: string,
    readonly by: Principal,
  ) {
    super();
  }
}

/** Folded from the order's own facts, so it is never behind. */
@QueryHandler(ListReturns)
export class ListReturnsHandler implements IQueryHandler<ListReturns> {
  constructor(private readonly orders: OrderStore) {}

  async execute({ orderId, by }: ListReturns): Promise<ReturnsView> {
    const found = await this.orders.load(orderId);
    if (!found || !isVisibleTo(found.order, by)) throw noSuchOrder();
    return { items: found.order.returns.map((one) => returnView(orderId, one)), nextCursor: null };
  }
}
