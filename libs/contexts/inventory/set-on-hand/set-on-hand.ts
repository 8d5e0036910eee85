import { UnitOfWork } from '@holdfast/data-consistency';
import { WholeNumberField, conflict } from '@holdfast/host';
import { Command, CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import { adjusting, coversReserved, move, noStock } from '../domain/stock.js';
import { StockStore } from '../stock.store.js';
import { stockView, type StockView } from '../stock.view.js';
import { tellStockChanged } from '../tell-stock-changed.js';

export class OnHandInput {
  @WholeNumberField({ min: 0, max: 1_000_000_000, example: 1_000 })
  onHand!: number;
}

export class SetOnHand extends Command<StockView> {
  constructor(
    readonly sku: string,
    readonly onHand: number,
  ) {
    super();
  }
}

@CommandHandler(SetOnHand)
export class SetOnHandHandler implements ICommandHandler<SetOnHand> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly stock: StockStore,
  ) {}

  async execute({ sku, onHand }: SetOnHand): Promise<StockView> {
    return this.work.run(async (tx) => {
      const found = await this.stock.lock(tx, [sku]);
      const stock = found.get(sku) ?? noStock(sku);
      if (!coversReserved(stock, onHand)) {
        throw conflict({
          field: 'onHand',
          rule: 'covers-reserved',
          detail: `${stock.reserved} of ${sku} are reserved.`,
        });
      }
      if (stock.version > 0 && stock.onHand === onHand) return stockView(stock);

      const moved = move(found, [adjusting(stock, onHand)]);
      this.stock.save(tx, moved);
      tellStockChanged(tx, moved);
      return stockView(moved[0]!.stock);
    });
  }
}
