import { UnitOfWork } from '@holdfast/data-consistency';
import type { Principal } from '@holdfast/security';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { cancel, isVisibleTo } from '../domain/order.js';
import { tell } from '../order.announcements.js';
import { cannotCancel, noSuchOrder } from '../order.problems.js';
import { OrderStore } from '../order.store.js';
import { orderView, type OrderView } from '../order.view.js';

export class CancelOrder extends Command<OrderView> {
  constructor(
    readonly orderId: string,
    readonly by: Principal,
  ) {
    super();
  }
}

@CommandHandler(CancelOrder)
export class CancelOrderHandler implements ICommandHandler<CancelOrder> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly orders: OrderStore,
  ) {}

  async execute({ orderId, by }: CancelOrder): Promise<OrderView> {
    return this.work.run(async (tx) => {
      const found = await this.orders.load(orderId);
      if (!found || !isVisibleTo(found.order, by)) throw noSuchOrder();

      const reason = by.id === found.order.customerId ? 'cancelled by the customer' : 'cancelled by the shop';
      const decided = cancel(found.order, reason);
      if ('refused' in decided) throw cannotCancel(decided);

      const order = this.orders.append(tx, found, decided);
      tell(tx, order, decided);
      return orderView(order);
    });
  }
}
