import { Database, ReadModels } from '@holdfast/data-consistency';
import { EnumField, PageQuery, defineCursor, isUuid } from '@holdfast/host';
import type { Principal } from '@holdfast/security';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { STATUSES, seesEveryOrder, type OrderStatus } from '../domain/order.js';
import { MoneyView } from '../order.view.js';
import { orderSummaries, type OrderSummary } from './order-summaries.js';

export class OrdersQuery extends PageQuery {
  @EnumField(STATUSES, { optional: true })
  status?: OrderStatus;
}

export class OrderSummaryView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: STATUSES })
  status!: OrderStatus;

  @ApiPropertyOptional()
  reason?: string;

  @ApiProperty({ type: MoneyView })
  total!: MoneyView;

  @ApiProperty({ type: 'integer' })
  version!: number;

  @ApiProperty({ format: 'date-time' })
  placedAt!: string;
}

export class OrderPage {
  @ApiProperty({ type: [OrderSummaryView] })
  items!: OrderSummaryView[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor!: string | null;
}

export class ListOrders extends Query<OrderPage> {
  constructor(
    readonly page: OrdersQuery,
    readonly by: Principal,
  ) {
    super();
  }
}

// Order ids are UUIDv7, so the newest order has the largest id.
const place = defineCursor({ id: isUuid });
const BEFORE_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const EVERY = `
  select order_id, status, reason, amount, currency, version, placed_at from order_summary
  where generation = road_live('order-summaries') and order_id < $1`;
const NEWEST_FIRST = `order by order_id desc limit $2`;

// Statements of their own: one whose conditions may be left out has one plan for all, and that goes by no index but the key's.
const OF_ALL = `${EVERY} ${NEWEST_FIRST}`;
const OF_ALL_IN_STATUS = `${EVERY} and status = $3 ${NEWEST_FIRST}`;
const OF_CUSTOMER = `${EVERY} and customer_id = $3 ${NEWEST_FIRST}`;
// A customer's orders are few, everybody's in one status many: the empty text keeps the latter from being the way in.
const OF_CUSTOMER_IN_STATUS = `${EVERY} and customer_id = $3 and status || '' = $4 ${NEWEST_FIRST}`;

@QueryHandler(ListOrders)
export class ListOrdersHandler implements IQueryHandler<ListOrders> {
  constructor(
    private readonly database: Database,
    private readonly readModels: ReadModels,
  ) {}

  async execute({ page: { limit, cursor, status }, by }: ListOrders): Promise<OrderPage> {
    const before = cursor === undefined ? BEFORE_ALL : place.decode(cursor).id;
    await this.readModels.caughtUp(orderSummaries); // whoever has just ordered finds the order in the list
    const [statement, wanted] = statementFor(by, status);
    const rows = await this.database.read<OrderSummary>(statement, [before, limit + 1, ...wanted]);

    const items = rows.slice(0, limit).map(summaryView);
    const last = items.at(-1);
    return { items, nextCursor: rows.length > limit && last ? place.encode({ id: last.id }) : null };
  }
}

function statementFor(by: Principal, status?: OrderStatus): [statement: string, wanted: string[]] {
  if (seesEveryOrder(by)) return status === undefined ? [OF_ALL, []] : [OF_ALL_IN_STATUS, [status]];
  return status === undefined ? [OF_CUSTOMER, [by.id]] : [OF_CUSTOMER_IN_STATUS, [by.id, status]];
}

function summaryView({
  order_id,
  status,
  reason,
  amount,
  currency,
  version,
  placed_at,
}: OrderSummary): OrderSummaryView {
  return {
    id: order_id,
    status,
    ...(reason !== null && { reason }),
    total: { amount, currency },
    version,
    placedAt: placed_at.toISOString(),
  };
}
