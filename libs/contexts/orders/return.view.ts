import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { RETURN_STATUSES, type Return, type ReturnStatus } from './domain/return.js';
import { MoneyView } from './order.view.js';

export class ReturnLineView {
  @ApiProperty({ example: 'TEA-001' })
  sku!: string;

  @ApiProperty({ type: 'integer', example: 1 })
  quantity!: number;
}

export class ReturnView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  @ApiProperty({ enum: RETURN_STATUSES, example: 'requested' })
  status!: ReturnStatus;

  @ApiPropertyOptional({ description: 'why it was rejected' })
  reason?: string;

  @ApiProperty({ type: [ReturnLineView] })
  lines!: ReturnLineView[];

  @ApiProperty({ type: MoneyView, description: 'what is refunded for it' })
  amount!: MoneyView;
}

export class ReturnsView {
  @ApiProperty({ type: [ReturnView] })
  items!: ReturnView[];

  @ApiProperty({ type: 'string', nullable: true, description: 'always null: an order has few returns' })
  nextCursor!: null;
}

export function returnView(orderId: string, { returnId, status, rejectedBecause, lines, amount }: Return): ReturnView {
  return {
    id: returnId,
    orderId,
    status,
    ...(rejectedBecause !== undefined && { reason: rejectedBecause }),
    lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
    amount,
  };
}
