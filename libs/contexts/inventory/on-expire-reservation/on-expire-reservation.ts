import type { Transaction } from '@holdfast/data-consistency';
import { Handles } from '@holdfast/messaging';
import type { DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { ExpireReservation } from '../contracts/commands.js';
import { ReservationExpired } from '../contracts/events.js';
import { expire } from '../domain/reservation.js';
import { ReservationStore } from '../reservation.store.js';
import { ReservedStock } from '../reserved-stock.js';

@Injectable()
export class OnExpireReservation {
  constructor(
    private readonly reservations: ReservationStore,
    private readonly reserved: ReservedStock,
  ) {}

  // The timer itself is the clock: it falls due at expiresAt as the database counts, and nothing ever moves that moment.
  @Handles(ExpireReservation)
  async expire({ orderId }: DataOf<typeof ExpireReservation>, tx: Transaction): Promise<void> {
    const found = await this.reservations.lock(tx, orderId);
    const expired = found && expire(found);
    if (!expired) return;

    await this.reserved.apply(tx, expired);
    tx.emit(ReservationExpired, { orderId });
  }
}
