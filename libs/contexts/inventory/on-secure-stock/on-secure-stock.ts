import type { Transaction } from '@holdfast/data-consistency';
import { Handles } from '@holdfast/messaging';
import type { DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { SecureStock } from '../contracts/commands.js';
import { ReservationExpired, StockSecured } from '../contracts/events.js';
import { isStanding, secure } from '../domain/reservation.js';
import { ReservationStore } from '../reservation.store.js';

@Injectable()
export class OnSecureStock {
  constructor(private readonly reservations: ReservationStore) {}

  @Handles(SecureStock)
  async secure({ orderId }: DataOf<typeof SecureStock>, tx: Transaction): Promise<void> {
    const found = await this.reservations.find(tx, orderId);
    if (!found || !isStanding(found)) return tx.emit(ReservationExpired, { orderId });

    const secured = secure(found);
    if (secured) this.reservations.save(tx, secured.reservation);
    tx.emit(StockSecured, { orderId });
  }
}
