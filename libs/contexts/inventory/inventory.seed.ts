import { UnitOfWork } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import { adjusting, move } from './domain/stock.js';
import { StockStore } from './stock.store.js';
import { tellStockChanged } from './tell-stock-changed.js';

const SKUS = Array.from({ length: 20 }, (_, index) => `TEA-${String(index + 1).padStart(3, '0')}`);
const ON_HAND = 1_000;

@Injectable()
export class InventorySeed {
  constructor(
    private readonly work: UnitOfWork,
    private readonly stock: StockStore,
  ) {}

  async seed(): Promise<void> {
    await this.work.run(async (tx) => {
      const stock = await this.stock.lock(tx, SKUS);
      const unknown = [...stock.values()].filter(({ version }) => version === 0);
      const moved = move(
        stock,
        unknown.map((one) => adjusting(one, ON_HAND)),
      );
      this.stock.save(tx, moved);
      tellStockChanged(tx, moved);
    });
  }
}
