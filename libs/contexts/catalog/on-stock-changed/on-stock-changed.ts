import { StockChanged } from '@holdfast/contracts/inventory';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles } from '@holdfast/messaging';
import type { DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { ProductStore } from '../product.store.js';

@Injectable()
export class OnStockChanged {
  constructor(private readonly products: ProductStore) {}

  @Handles(StockChanged)
  copy({ sku, available, version }: DataOf<typeof StockChanged>, tx: Transaction): void {
    this.products.copyAvailability(tx, { sku, available, version });
  }
}
