import type { Transaction } from '@holdfast/data-consistency';
import { StockChanged } from './contracts/events.js';
import { available, type Moved } from './domain/stock.js';

export function tellStockChanged(tx: Transaction, moved: readonly Moved[]): void {
  for (const { stock } of moved) {
    tx.emit(StockChanged, { sku: stock.sku, available: available(stock), version: stock.version });
  }
}
