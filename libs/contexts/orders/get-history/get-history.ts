import type { Principal } from '@holdfast/security';
import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { isVisibleTo, replay, type OrderFact } from '../domain/order.js';
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
    const words = order.returns.length > 0 ? await this.orders.returnReasons(orderId) : NONE;
    return {
      items: events.map(({ version, fact, recordedAt }) => {
        const reason = reasonOf(fact, words);
        return { version, type: fact.type, at: recordedAt.toISOString(), ...(reason !== undefined && { reason }) };
      }),
      nextCursor: null,
    };
  }
}

const NONE: ReadonlyMap<string, string> = new Map();

function reasonOf({ type, data }: OrderFact, words: ReadonlyMap<string, string>): string | undefined {
  if (type === 'return-requested') return words.get(data.returnId);
  return 'reason' in data ? data.reason : undefined;
}
