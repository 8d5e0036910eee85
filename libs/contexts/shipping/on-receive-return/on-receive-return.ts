import { ShippingAddress } from '@holdfast/contracts/orders';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles, PATIENT, Queries, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { CollectReturn, ReceiveReturn } from '../contracts/commands.js';
import { ReturnReceived } from '../contracts/events.js';
import { carrierFor } from '../domain/carrier-choice.js';
import { ReturnParcelStore } from '../return-parcel.store.js';

/** Records what is expected; the carrier is called by a message of our own, so that a crash in between loses nothing. */
@Injectable()
export class OnReceiveReturn {
  constructor(
    private readonly parcels: ReturnParcelStore,
    private readonly queries: Queries,
  ) {}

  @Handles(ReceiveReturn, PATIENT)
  async receive({ returnId, orderId, lines }: DataOf<typeof ReceiveReturn>, tx: Transaction): Promise<void> {
    const known = await this.parcels.find(returnId);
    if (known?.status === 'received') return tx.emit(ReturnReceived, { returnId, orderId });
    if (known) return; // the answer is under way, or nobody waits for one any more

    const { country } = await this.queries.ask(ShippingAddress, { orderId });
    this.parcels.insert(tx, { returnId, orderId, lines, carrier: carrierFor(country), status: 'expected' });
    tx.send(CollectReturn, { returnId });
  }
}
