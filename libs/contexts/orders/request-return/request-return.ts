import { UnitOfWork } from '@holdfast/data-consistency';
import { ListField, SkuField, TextField, WholeNumberField } from '@holdfast/host';
import { newId } from '@holdfast/messaging';
import type { Principal } from '@holdfast/security';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { isVisibleTo } from '../domain/order.js';
import { requestReturn } from '../domain/return.js';
import { tell } from '../order.announcements.js';
import { noSuchOrder, returnRefused } from '../order.problems.js';
import { OrderStore } from '../order.store.js';
import { returnView, type ReturnView } from '../return.view.js';

export class ReturnLineBody {
  @SkuField({ example: 'TEA-001' })
  sku!: string;

  @WholeNumberField({ min: 1, max: 1_000, example: 1 })
  quantity!: number;
}

export class RequestReturnBody {
  @ListField(() => ReturnLineBody, { max: 100, uniqueBy: 'sku' })
  lines!: ReturnLineBody[];

  @TextField({ optional: true, max: 200, example: 'too bitter' })
  reason?: string;
}

export class RequestReturn extends Command<ReturnView> {
  constructor(
    readonly orderId: string,
    readonly input: RequestReturnBody,
    readonly by: Principal,
  ) {
    super();
  }
}

@CommandHandler(RequestReturn)
export class RequestReturnHandler implements ICommandHandler<RequestReturn> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly orders: OrderStore,
  ) {}

  async execute({ orderId, input: { lines, reason }, by }: RequestReturn): Promise<ReturnView> {
    return this.work.run(async (tx) => {
      const found = await this.orders.load(orderId); // load
      if (!found || !isVisibleTo(found.order, by)) throw noSuchOrder();

      const wanted = lines.map(({ sku, quantity }) => ({ sku, quantity }));
      const returnId = newId();
      const decided = requestReturn(
        found.order,
        { returnId, lines: wanted },
        { completedAt: found.completedAt, now: tx.now },
      ); // decide
      if ('refused' in decided) throw returnRefused(decided);

      const after = this.orders.append(tx, found, [decided]); // remember: another return in between is a conflict
      if (reason !== undefined) this.orders.keepReturnReason(tx, { orderId, returnId, words: reason });
      tell(tx, after, [decided]); // tell: checkout starts the return
      return returnView(orderId, after.order.returns.at(-1)!);
    });
  }
}
