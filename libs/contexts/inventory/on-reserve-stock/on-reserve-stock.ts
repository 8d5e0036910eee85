import type { ConfigOf } from '@holdfast/configuration';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles } from '@holdfast/messaging';
import type { DataOf } from '@holdfast/messaging';
import { Inject, Injectable } from '@nestjs/common';
import { ExpireReservation, ReserveStock } from '../contracts/commands.js';
import { StockRejected, StockReserved } from '../contracts/events.js';
import { isStanding, reserve, type Reservation } from '../domain/reservation.js';
import { move } from '../domain/stock.js';
import { inventoryConfig } from '../inventory.config.js';
import { ReservationStore } from '../reservation.store.js';
import { StockStore } from '../stock.store.js';
import { tellStockChanged } from '../tell-stock-changed.js';

@Injectable()
export class OnReserveStock {
  constructor(
    private readonly reservations: ReservationStore,
    private readonly stock: StockStore,
    @Inject(inventoryConfig.KEY) private readonly config: ConfigOf<typeof inventoryConfig>,
  ) {}

  @Handles(ReserveStock)
  async reserve({ orderId, lines }: DataOf<typeof ReserveStock>, tx: Transaction): Promise<void> {
    const known = await this.reservations.find(tx, orderId);
    if (known) return answer(tx, known);

    const stock = await this.stock.lock(tx, [...new Set(lines.map(({ sku }) => sku))]);
    const expiresAt = new Date(tx.now.getTime() + this.config.reservationTtlMs);
    const { reservation, movements } = reserve({ orderId, lines, expiresAt }, stock);
    const moved = move(stock, movements);

    this.reservations.save(tx, reservation);
    this.stock.save(tx, moved, { orderId });

    answer(tx, reservation);
    tellStockChanged(tx, moved);
    if (reservation.expiresAt) tx.send(ExpireReservation, { orderId }, { afterMs: this.config.reservationTtlMs });
  }
}

function answer(tx: Transaction, reservation: Reservation): void {
  const { orderId, expiresAt, missing } = reservation;
  if (expiresAt && isStanding(reservation)) tx.emit(StockReserved, { orderId, expiresAt: expiresAt.toISOString() });
  else tx.emit(StockRejected, { orderId, missing: [...missing] });
}
