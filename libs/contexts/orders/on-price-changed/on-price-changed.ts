import { PriceChanged } from '@holdfast/contracts/catalog';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { PriceBook } from '../price-book.js';

@Injectable()
export class OnPriceChanged {
  constructor(private readonly prices: PriceBook) {}

  @Handles(PriceChanged)
  updatePrice(change: DataOf<typeof PriceChanged>, tx: Transaction): void {
    this.prices.save(tx, change);
  }
}
