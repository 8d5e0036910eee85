import type { Transaction } from '@holdfast/data-consistency';
import { Handles } from '@holdfast/messaging';
import type { DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { RestockReturn } from '../contracts/commands.js';
import { StockRestocked } from '../contracts/events.js';
import { move, returning } from '../domain/stock.js';
import { StockStore } from '../stock.store.js';
import { tellStockChanged } from '../tell-stock-changed.js';

@Injectable()
export class OnRestockReturn {
  constructor(private readonly stock: StockStore) {}

  @Handles(RestockReturn)
  async restock({ returnId, orderId, lines }: DataOf<typeof RestockReturn>, tx: Transaction): Promise<void> {
    if (!(await this.stock.isRestocked(tx, returnId))) {
      const stock = await this.stock.lock(
        tx,
        lines.map(({ sku }) => sku),
      );
      const moved = move(stock, lines.map(returning));
      this.stock.save(tx, moved, { orderId, returnId });
      tellStockChanged(tx, moved);
    }
    tx.emit(StockRestocked, { returnId, orderId });
  }
}
