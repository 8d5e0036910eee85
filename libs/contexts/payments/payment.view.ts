import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { refundedOf, statusOf, type Payment, type PaymentStatus, type Refund } from './domain/payment.js';

const STATUSES = ['requested', 'authorised', 'declined', 'voided', 'captured', 'refunded'] satisfies PaymentStatus[];

export class AmountView {
  @ApiProperty({ type: 'integer', format: 'int64', description: 'minor units', example: 900 })
  amount!: number;

  @ApiProperty({ example: 'EUR' })
  currency!: string;
}

export class RefundView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ type: 'integer', format: 'int64', description: 'minor units', example: 450 })
  amount!: number;

  @ApiProperty({ enum: ['requested', 'refunded', 'refused'] })
  status!: Refund['status'];

  @ApiPropertyOptional({
    description: 'why, as whoever gave it back said; for staff only',
    example: 'damaged on arrival',
  })
  reason?: string;
}

export class PaymentView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  @ApiProperty({ example: 'acme' })
  provider!: string;

  @ApiProperty({ enum: STATUSES })
  status!: PaymentStatus;

  @ApiProperty({ type: AmountView })
  amount!: AmountView;

  @ApiProperty({ type: 'integer', format: 'int64', description: 'minor units', example: 900 })
  captured!: number;

  @ApiProperty({ type: 'integer', format: 'int64', description: 'minor units', example: 0 })
  refunded!: number;

  @ApiProperty({ type: [RefundView] })
  refunds!: RefundView[];

  @ApiPropertyOptional({ example: 'card-declined' })
  declinedBecause?: string;
}

export class PaymentsView {
  @ApiProperty({ type: [PaymentView] })
  items!: PaymentView[];

  @ApiProperty({ type: 'string', nullable: true, example: null })
  nextCursor!: string | null;
}

export function paymentView(
  payment: Payment,
  terms: NonNullable<Payment['terms']>,
  reasons?: ReadonlyMap<string, string>,
): PaymentView {
  const { paymentId, orderId, provider, amount } = terms;
  return {
    id: paymentId,
    orderId,
    provider,
    status: statusOf(payment),
    amount,
    captured: payment.captured,
    refunded: refundedOf(payment),
    refunds: payment.refunds.map(({ refundId, amount, status }) => {
      const reason = reasons?.get(refundId);
      return { id: refundId, amount, status, ...(reason !== undefined && { reason }) };
    }),
    ...(payment.declinedBecause !== undefined && { declinedBecause: payment.declinedBecause }),
  };
}
