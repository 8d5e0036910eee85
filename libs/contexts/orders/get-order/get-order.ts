import { TextField } from '@holdfast/host';
import type { Principal } from '@holdfast/security';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { IsISO8601, IsOptional } from 'class-validator';
import { isVisibleTo } from '../domain/order.js';
import { noSuchOrder } from '../order.problems.js';
import { OrderStore } from '../order.store.js';
import { orderView, type OrderView } from '../order.view.js';

const RFC_3339 = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

export class Moment {
  @IsOptional()
  @IsISO8601({ strict: true }, { message: 'must be a day of the calendar' })
  @TextField({
    optional: true,
    max: 35,
    pattern: RFC_3339,
    description: 'the order as it was at this moment (RFC 3339)',
  })
  asOf?: string;
}

export class GetOrder extends Query<OrderView> {
  constructor(
    readonly orderId: string,
    readonly by: Principal,
    readonly asOf?: string,
  ) {
    super();
  }
}

/** Folded from the order's own facts, so it is never behind. */
@QueryHandler(GetOrder)
export class GetOrderHandler implements IQueryHandler<GetOrder> {
  constructor(private readonly orders: OrderStore) {}

  async execute({ orderId, by, asOf }: GetOrder): Promise<OrderView> {
    const found = await this.orders.load(orderId, asOf === undefined ? undefined : new Date(asOf));
    if (!found || !isVisibleTo(found.order, by)) throw noSuchOrder();
    return orderView(found);
  }
}
