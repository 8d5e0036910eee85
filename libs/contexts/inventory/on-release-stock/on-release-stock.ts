import type { Transaction } from '@holdfast/data-consistency';
import { Handles } from '@holdfast/messaging';
import type { DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { ReleaseStock } from '../contracts/commands.js';
import { StockReleased } from '../contracts/events.js';
import { release } from '../domain/reservation.js';
import { ReservationStore } from '../reservation.store.js';
import { ReservedStock } from '../reserved-stock.js';

@Injectable()
export class OnReleaseStock {
  constructor(
    private readonly reservations: ReservationStore,
    private readonly reserved: ReservedStock,
  ) {}

  @Handles(ReleaseStock)
  async release({ orderId }: DataOf<typeof ReleaseStock>, tx: Transaction): Promise<void> {
    const found = await this.reservations.lock(tx, orderId);
    const released = release(orderId, found);
    if (released) await this.reserved.apply(tx, released);
    tx.emit(StockReleased, { orderId });
  }
}
