import { OrderPlaced } from '@holdfast/contracts/orders';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { Recipients } from '../recipients.js';

@Injectable()
export class OnOrderPlaced {
  constructor(private readonly recipients: Recipients) {}

  // In a lane of its own: news that waits for its recipient must not stand in the way of learning who that is.
  @Handles(OrderPlaced, { lane: 'recipients' })
  remember({ orderId, customerId }: DataOf<typeof OrderPlaced>, tx: Transaction): void {
    this.recipients.remember(tx, { orderId, customerId });
  }
}
