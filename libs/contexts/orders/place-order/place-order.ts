import { UnitOfWork } from '@holdfast/data-consistency';
import { newId } from '@holdfast/messaging';
import type { Principal } from '@holdfast/security';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { placeOrder } from '../domain/order.js';
import { tell } from '../order.announcements.js';
import { basketRefused, unknownProducts } from '../order.problems.js';
import { OrderStore } from '../order.store.js';
import { orderView, type OrderView } from '../order.view.js';
import { PriceBook } from '../price-book.js';
import type { PlaceOrderBody } from './place-order.body.js';
import { readAddress } from './shipping-address.body.js';

export class PlaceOrder extends Command<OrderView> {
  constructor(
    readonly input: PlaceOrderBody,
    readonly by: Principal,
  ) {
    super();
  }
}

@CommandHandler(PlaceOrder)
export class PlaceOrderHandler implements ICommandHandler<PlaceOrder> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly prices: PriceBook,
    private readonly orders: OrderStore,
  ) {}

  async execute({ input, by }: PlaceOrder): Promise<OrderView> {
    const { lines, unknown } = await this.prices.quote(input.lines); // load
    if (unknown.length > 0) throw unknownProducts(unknown);
    const { provider, token } = input.paymentMethod;
    const draft = { orderId: newId(), customerId: by.id, lines, paymentMethod: { provider, token } };

    return this.work.run((tx) => {
      const placed = placeOrder(draft); // decide
      if ('refused' in placed) throw basketRefused(placed);

      const order = this.orders.create(tx, placed); // remember
      this.orders.keepAddress(tx, draft.orderId, readAddress(input.shippingAddress));

      tell(tx, order, [placed]); // tell: checkout starts the purchase
      return orderView(order);
    });
  }
}
