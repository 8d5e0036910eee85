import { ShippingAddress } from '@holdfast/contracts/orders';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles, PATIENT, Queries, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { Carriers } from '../carrier.js';
import { SendReturnBack } from '../contracts/commands.js';
import { ReturnSentBack } from '../contracts/events.js';
import { callOff, sendBack, type ReturnParcel } from '../domain/return-parcel.js';
import { piecesOf } from '../domain/shipment.js';
import { ReturnParcelStore } from '../return-parcel.store.js';

/** What came goes back to its owner; what has not come is not waited for any more. */
@Injectable()
export class OnSendReturnBack {
  constructor(
    private readonly parcels: ReturnParcelStore,
    private readonly queries: Queries,
    private readonly carriers: Carriers,
  ) {}

  @Handles(SendReturnBack, PATIENT)
  async sendBack({ returnId, orderId }: DataOf<typeof SendReturnBack>, tx: Transaction): Promise<void> {
    const parcel = await this.parcels.find(returnId);
    // No parcel: an operator discarded the wish to receive it, so there is nothing to send back.
    if (parcel?.status === 'expected') this.parcels.move(tx, parcel, callOff(parcel));
    if (parcel?.status === 'received') this.parcels.move(tx, parcel, sendBack(parcel, await this.book(parcel)));
    tx.emit(ReturnSentBack, { returnId, orderId });
  }

  private async book(parcel: ReturnParcel): Promise<string> {
    const { returnId, orderId, carrier } = parcel;
    const address = await this.queries.ask(ShippingAddress, { orderId }); // for the label, kept nowhere
    // A journey of its own, so a booking of its own: the carrier knows the way here under the return's id.
    return this.carriers.book(carrier, { shipmentId: `${returnId}-back`, pieces: piecesOf(parcel), address });
  }
}
