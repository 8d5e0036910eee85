import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { STATUSES, type OrderStatus } from './domain/order.js';
import type { StoredOrder } from './order.store.js';

export class MoneyView {
  @ApiProperty({ type: 'integer', format: 'int64', description: 'minor units', example: 900 })
  amount!: number;

  @ApiProperty({ example: 'EUR' })
  currency!: string;
}

export class OrderLineView {
  @ApiProperty({ example: 'TEA-001' })
  sku!: string;

  @ApiProperty({ type: 'integer', example: 2 })
  quantity!: number;

  @ApiProperty({ type: MoneyView, description: 'of one piece' })
  price!: MoneyView;
}

export class OrderView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: STATUSES, example: 'placed' })
  status!: OrderStatus;

  @ApiPropertyOptional({ description: 'why it was rejected or cancelled' })
  reason?: string;

  @ApiProperty({ type: MoneyView })
  total!: MoneyView;

  @ApiProperty({ type: [OrderLineView] })
  lines!: OrderLineView[];

  @ApiProperty({ type: 'integer', example: 1 })
  version!: number;

  @ApiPropertyOptional({ format: 'date-time', description: 'not in the answer to placing the order' })
  placedAt?: string;
}

export function orderView({ order, version, placedAt }: StoredOrder): OrderView {
  const { orderId, status, reason, total, lines } = order;
  return {
    id: orderId,
    status,
    ...(reason !== undefined && { reason }),
    total,
    lines,
    version,
    ...(placedAt && { placedAt: placedAt.toISOString() }),
  };
}
