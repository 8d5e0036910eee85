import { rule } from '@holdfast/host';
import type { Principal } from '@holdfast/security';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { isISO8601 } from 'class-validator';
import { isVisibleTo } from '../domain/order.js';
import { noSuchOrder } from '../order.problems.js';
import { OrderStore } from '../order.store.js';
import { orderView, type OrderView } from '../order.view.js';

const RFC_3339 = /^\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

// The pattern lets the 30th of February pass; `strict` knows the calendar.
const isMoment = (value: unknown) =>
  typeof value === 'string' && RFC_3339.test(value) && isISO8601(value, { strict: true });

export class Moment {
  @rule('instant', isMoment, 'must be a moment such as 2026-11-20T09:30:00Z')
  @ApiPropertyOptional({ format: 'date-time', description: 'answers the order as it was then' })
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
