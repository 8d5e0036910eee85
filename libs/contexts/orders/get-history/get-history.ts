import type { Principal } from '@holdfast/security';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { isVisibleTo, replay } from '../domain/order.js';
import { noSuchOrder } from '../order.problems.js';
import { OrderStore } from '../order.store.js';

export class HistoryEntry {
  @ApiProperty({ type: 'integer', example: 1 })
  version!: number;

  @ApiProperty({ example: 'order-placed' })
  type!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;

  @ApiPropertyOptional()
  reason?: string;
}

export class OrderHistory {
  @ApiProperty({ type: [HistoryEntry] })
  items!: HistoryEntry[];

  @ApiProperty({ type: 'string', nullable: true, description: 'always null: a history is short' })
  nextCursor!: null;
}

export class GetHistory extends Query<OrderHistory> {
  constructor(
    readonly orderId: string,
    readonly by: Principal,
  ) {
    super();
  }
}

@QueryHandler(GetHistory)
export class GetHistoryHandler implements IQueryHandler<GetHistory> {
  constructor(private readonly orders: OrderStore) {}

  async execute({ orderId, by }: GetHistory): Promise<OrderHistory> {
    const events = await this.orders.history(orderId);
    const order = replay(events.map(({ fact }) => fact));
    if (!order || !isVisibleTo(order, by)) throw noSuchOrder();
    return {
      items: events.map(({ version, fact, recordedAt }) => ({
        version,
        type: fact.type,
        at: recordedAt.toISOString(),
        ...('reason' in fact.data && { reason: fact.data.reason }),
      })),
      nextCursor: null,
    };
  }
}
