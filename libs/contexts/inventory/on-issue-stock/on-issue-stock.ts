import type { Transaction } from '@holdfast/data-consistency';
import { Handles } from '@holdfast/messaging';
import type { DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { IssueStock } from '../contracts/commands.js';
import { isStanding, issue } from '../domain/reservation.js';
import { ReservationStore } from '../reservation.store.js';
import { ReservedStock } from '../reserved-stock.js';

@Injectable()
export class OnIssueStock {
  constructor(
    private readonly reservations: ReservationStore,
    private readonly reserved: ReservedStock,
  ) {}

  @Handles(IssueStock)
  async issue({ orderId }: DataOf<typeof IssueStock>, tx: Transaction): Promise<void> {
    const found = await this.reservations.lock(tx, orderId);
    // Goods left the house that were promised to nobody: a person has to look, so the message ends up parked.
    if (!found || !isStanding(found)) {
      throw new Error(`Stock issued for order ${orderId}, whose reservation is ${found?.state ?? 'unknown'}`);
    }
    const issued = issue(found);
    if (issued) await this.reserved.apply(tx, issued);
  }
}
