import { ShippingAddress } from '@holdfast/contracts/orders';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles, PATIENT, Queries, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { Carriers } from '../carrier.js';
import { CollectReturn } from '../contracts/commands.js';
import { ReturnReceived } from '../contracts/events.js';
import { receive } from '../domain/return-parcel.js';
import { piecesOf } from '../domain/shipment.js';
import { ReturnParcelStore } from '../return-parcel.store.js';

/** Has the goods picked up where they were delivered. The carriers are simulated: what is booked has arrived. */
@Injectable()
export class CollectReturnHandler {
  constructor(
    private readonly parcels: ReturnParcelStore,
    private readonly queries: Queries,
    private readonly carriers: Carriers,
  ) {}

  @Handles(CollectReturn, { ...PATIENT, lane: 'collect' })
  async collect({ returnId }: DataOf<typeof CollectReturn>, tx: Transaction): Promise<void> {
    const parcel = await this.parcels.find(returnId);
    if (!parcel) throw new Error(`There is no return ${returnId} to collect`);
    if (parcel.status !== 'expected') return;

    const { orderId, carrier } = parcel;
    const address = await this.queries.ask(ShippingAddress, { orderId }); // for the driver, kept nowhere
    const booking = { shipmentId: returnId, pieces: piecesOf(parcel), address };
    const trackingCode = await this.carriers.book(carrier, booking);

    this.parcels.move(tx, parcel, receive(parcel, trackingCode));
    tx.emit(ReturnReceived, { returnId, orderId });
  }
}
