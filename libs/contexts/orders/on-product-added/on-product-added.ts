import { ProductAdded } from '@holdfast/contracts/catalog';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { PriceBook } from '../price-book.js';

@Injectable()
export class OnProductAdded {
  constructor(private readonly prices: PriceBook) {}

  @Handles(ProductAdded)
  learnPrice(product: DataOf<typeof ProductAdded>, tx: Transaction): void {
    this.prices.save(tx, product);
  }
}
