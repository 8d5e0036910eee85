import { z } from 'zod';
import { NotBooked, type Carrier, type Parcel } from '../../carrier.js';
import { isConsignmentNumber } from './parcelwise-number.js';

export interface ParcelwiseRequest {
  method: 'PUT';
  path: string;
  body: unknown;
}

export interface ParcelwiseReply {
  status: number;
  body: unknown;
}

const Accepted = z.object({ reference: z.string(), state: z.literal('ACCEPTED'), consignment_no: z.string() });

/** Resources and JSON: a consignment is put under our own reference, so there is nothing to ask for afterwards. */
export class ParcelwiseCarrier implements Carrier {
  constructor(private readonly call: (request: ParcelwiseRequest) => Promise<ParcelwiseReply>) {}

  async book({ shipmentId, pieces, address: { name, street, city, postalCode } }: Parcel): Promise<string> {
    const { status, body } = await this.call({
      method: 'PUT',
      path: `/v2/consignments/${shipmentId}`,
      body: {
        consignee: { full_name: name, street_line: street, town: city, postcode: postalCode },
        parcel_count: pieces,
      },
    });
    if (status !== 200 && status !== 201)
      throw new NotBooked(`Parcelwise answered shipment ${shipmentId} with ${status}`);
    const accepted = Accepted.safeParse(body).data;
    const number = accepted?.consignment_no.replaceAll(' ', '') ?? '';
    if (accepted?.reference !== shipmentId || !isConsignmentNumber(number))
      throw new NotBooked(`Parcelwise answered shipment ${shipmentId} with no consignment of ours`);
    return number;
  }
}
