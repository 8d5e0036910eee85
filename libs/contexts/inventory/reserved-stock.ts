import type { Transaction } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import type { Transition } from './domain/reservation.js';
import { move } from './domain/stock.js';
import { ReservationStore } from './reservation.store.js';
import { StockStore } from './stock.store.js';
import { tellStockChanged } from './tell-stock-changed.js';

/** What releasing, issuing and expiring have in common: the decision needs no look at the stock, its effect does. */
@Injectable()
export class ReservedStock {
  constructor(
    private readonly reservations: ReservationStore,
    private readonly stock: StockStore,
  ) {}

  async apply(tx: Transaction, { reservation, movements }: Transition): Promise<void> {
    this.reservations.save(tx, reservation);
    if (movements.length === 0) return;
    const skus = movements.map(({ sku }) => sku);
    const moved = move(await this.stock.lock(tx, skus), movements);
    this.stock.save(tx, moved, { orderId: reservation.orderId });
    tellStockChanged(tx, moved);
  }
}
