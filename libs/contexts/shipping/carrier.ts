import type { ShippingAddress } from '@holdfast/contracts/orders';
import type { OutputOf } from '@holdfast/messaging';
import type { CarrierName } from './domain/carrier-choice.js';
import { labelOf } from './domain/label.js';

export interface Parcel {
  shipmentId: string;
  pieces: number;
  address: OutputOf<typeof ShippingAddress>;
}

/** Whether the carrier has the parcel or not, nobody here knows. Booking again is safe. */
export class NotBooked extends Error {
  override readonly name = 'NotBooked';
}

/** Somebody who carries parcels for us, in our words. */
export interface Carrier {
  /**
   * Gives the tracking code. The same shipment is one booking with one code, however often it is asked.
   * Errors never repeat the address: they are kept with the message and shown to operators.
   */
  book(parcel: Parcel): Promise<string>;
}

export class Carriers {
  constructor(private readonly byName: Readonly<Record<CarrierName, Carrier>>) {}

  /** Books with the one that was chosen, with a label that it can take. */
  book(carrier: CarrierName, { address, ...parcel }: Parcel): Promise<string> {
    return this.byName[carrier].book({ ...parcel, address: labelOf(address) });
  }
}
