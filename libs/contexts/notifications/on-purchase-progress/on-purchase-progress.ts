import { OrderCancelled, OrderCompleted, OrderConfirmed, OrderRejected } from '@holdfast/contracts/orders';
import { PaymentRefunded } from '@holdfast/contracts/payments';
import { ShipmentDispatched } from '@holdfast/contracts/shipping';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles, toDecimal, type DataOf, type Message, type Money } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { textOf, type News } from '../domain/news.js';
import { LogChannel } from '../log.channel.js';
import { NotificationStore } from '../notification.store.js';
import { Recipients } from '../recipients.js';

/** To whom, of which order, and the thing that this is told about once. */
interface Addressed {
  customerId: string;
  orderId: string;
  aboutId?: string;
}

const priceTag = (money: Money) => `${money.currency} ${toDecimal(money)}`;

@Injectable()
export class OnPurchaseProgress {
  constructor(
    private readonly notifications: NotificationStore,
    private readonly recipients: Recipients,
    private readonly channel: LogChannel,
  ) {}

  @Handles(OrderConfirmed)
  confirmed(order: DataOf<typeof OrderConfirmed>, tx: Transaction, message: Message) {
    return this.notify(order, { template: 'order-confirmed' }, { tx, message });
  }

  @Handles(OrderCompleted)
  completed(order: DataOf<typeof OrderCompleted>, tx: Transaction, message: Message) {
    return this.notify(order, { template: 'order-completed', total: priceTag(order.total) }, { tx, message });
  }

  @Handles(OrderRejected)
  rejected(order: DataOf<typeof OrderRejected>, tx: Transaction, message: Message) {
    return this.notify(order, { template: 'order-rejected', reason: order.reason }, { tx, message });
  }

  @Handles(OrderCancelled)
  cancelled(order: DataOf<typeof OrderCancelled>, tx: Transaction, message: Message) {
    return this.notify(order, { template: 'order-cancelled', reason: order.reason }, { tx, message });
  }

  @Handles(ShipmentDispatched)
  dispatched(shipment: DataOf<typeof ShipmentDispatched>, tx: Transaction, message: Message) {
    const { shipmentId: aboutId, customerId, orderId, carrier, trackingCode } = shipment;
    const news: News = { template: 'shipment-dispatched', carrier, trackingCode };
    return this.notify({ customerId, orderId, aboutId }, news, { tx, message });
  }

  @Handles(PaymentRefunded)
  async refunded(refund: DataOf<typeof PaymentRefunded>, tx: Transaction, message: Message) {
    const { refundId: aboutId, orderId, amount } = refund;
    const customerId = await this.recipients.of(orderId);
    const news: News = { template: 'payment-refunded', amount: priceTag(amount) };
    return this.notify({ customerId, orderId, aboutId }, news, { tx, message });
  }

  private async notify(
    { customerId, orderId, aboutId = orderId }: Addressed,
    news: News,
    { tx, message }: { tx: Transaction; message: Message },
  ): Promise<void> {
    const { template } = news;
    const notification = { id: message.id, recipientId: customerId, orderId, template, aboutId, text: textOf(news) };
    if (await this.notifications.isSent(notification)) return;

    this.channel.send(notification); // may be repeated after a crash: whoever receives it knows it by its id
    this.notifications.insert(tx, notification);
  }
}
