import { Database, defineWrite, type Transaction } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import type { CarrierName } from './domain/carrier-choice.js';
import type { ReturnParcel, ReturnStatus } from './domain/return-parcel.js';
import type { Line } from './domain/shipment.js';

interface ExpectedRow extends Record<string, unknown> {
  return_id: string;
  order_id: string;
  lines: Line[];
  carrier: CarrierName;
}

const insertParcel = defineWrite<ExpectedRow>(
  'shipping.insert-return-parcel',
  { return_id: 'uuid', order_id: 'uuid', lines: 'jsonb', carrier: 'text' },
  `insert into return_parcel (return_id, order_id, lines, carrier, status)
   select return_id, order_id, lines, carrier, 'expected' from rows on conflict (return_id) do nothing`,
);

interface MovedRow {
  return_id: string;
  status: ReturnStatus;
  was: ReturnStatus;
  tracking_code: string | null;
}

// Only from where it was decided: what came in between makes the unit of work start again.
const moveParcel = defineWrite<MovedRow>(
  'shipping.move-return-parcel',
  { return_id: 'uuid', status: 'text', was: 'text', tracking_code: 'text' },
  `update return_parcel set status = rows.status, tracking_code = rows.tracking_code, changed_at = clock_timestamp()
   from rows where return_parcel.return_id = rows.return_id and return_parcel.status = rows.was`,
);

type ParcelRow = ExpectedRow & { status: ReturnStatus; tracking_code: string | null };

@Injectable()
export class ReturnParcelStore {
  constructor(private readonly database: Database) {}

  async find(returnId: string): Promise<ReturnParcel | undefined> {
    const row = await this.database.one<ParcelRow>(
      `select return_id, order_id, lines, carrier, status, tracking_code from return_parcel where return_id = $1`,
      [returnId],
    );
    return row && parcelOf(row);
  }

  insert(tx: Transaction, { returnId, orderId, lines, carrier }: ReturnParcel): void {
    tx.write(insertParcel, { return_id: returnId, order_id: orderId, lines, carrier });
  }

  move(tx: Transaction, from: ReturnParcel, { status, trackingCode }: ReturnParcel): void {
    tx.write(moveParcel, {
      return_id: from.returnId,
      was: from.status,
      status,
      tracking_code: trackingCode ?? null,
    });
  }
}

function parcelOf({ return_id, order_id, lines, carrier, status, tracking_code }: ParcelRow): ReturnParcel {
  const parcel = { returnId: return_id, orderId: order_id, lines, carrier, status };
  return tracking_code === null ? parcel : { ...parcel, trackingCode: tracking_code };
}
