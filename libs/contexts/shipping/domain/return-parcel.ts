import type { CarrierName } from './carrier-choice.js';
import type { Line } from './shipment.js';

export type ReturnStatus = 'expected' | 'received' | 'called-off' | 'sent-back';

/** Goods on their way back to us; `trackingCode` is of the last journey. */
export interface ReturnParcel {
  returnId: string;
  orderId: string;
  lines: Line[];
  carrier: CarrierName;
  status: ReturnStatus;
  trackingCode?: string;
}

export function receive(parcel: ReturnParcel, trackingCode: string): ReturnParcel {
  return { ...parcel, status: 'received', trackingCode };
}

/** What never came is not waited for any more. */
export function callOff(parcel: ReturnParcel): ReturnParcel {
  return { ...parcel, status: 'called-off' };
}

export function sendBack(parcel: ReturnParcel, trackingCode: string): ReturnParcel {
  return { ...parcel, status: 'sent-back', trackingCode };
}
