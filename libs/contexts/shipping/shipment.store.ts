import { Database, defineWrite, type Transaction } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import type { CarrierName } from './domain/carrier-choice.js';
import type { DispatchedShipment, Line, PreparedShipment, Shipment } from './domain/shipment.js';

interface PreparedRow {
  shipment_id: string;
  order_id: string;
  customer_id: string;
  lines: Line[];
  carrier: CarrierName;
}

// A second shipment of the order misses its row: the unit of work starts again and finds the first one.
const insertShipment = defineWrite<PreparedRow>(
  'shipping.insert-shipment',
  { shipment_id: 'uuid', order_id: 'uuid', customer_id: 'uuid', lines: 'jsonb', carrier: 'text' },
  `insert into shipment (shipment_id, order_id, customer_id, lines, carrier)
   select shipment_id, order_id, customer_id, lines, carrier from rows on conflict (order_id) do nothing`,
);

const dispatchShipment = defineWrite<{ shipment_id: string; tracking_code: string }>(
  'shipping.dispatch-shipment',
  { shipment_id: 'uuid', tracking_code: 'text' },
  `update shipment set tracking_code = rows.tracking_code, dispatched_at = clock_timestamp() from rows
   where shipment.shipment_id = rows.shipment_id and shipment.tracking_code is null`,
);

type ShipmentRow = PreparedRow & { tracking_code: string | null };

@Injectable()
export class ShipmentStore {
  constructor(private readonly database: Database) {}

  async ofOrder(orderId: string): Promise<Shipment | undefined> {
    const row = await this.database.one<ShipmentRow & Record<string, unknown>>(
      `select shipment_id, order_id, customer_id, lines, carrier, tracking_code from shipment where order_id = $1`,
      [orderId],
    );
    return row && shipmentOf(row);
  }

  insert(tx: Transaction, { shipmentId, orderId, customerId, lines, carrier }: PreparedShipment): void {
    tx.write(insertShipment, { shipment_id: shipmentId, order_id: orderId, customer_id: customerId, lines, carrier });
  }

  markDispatched(tx: Transaction, { shipmentId, trackingCode }: DispatchedShipment): void {
    tx.write(dispatchShipment, { shipment_id: shipmentId, tracking_code: trackingCode });
  }
}

function shipmentOf({ shipment_id, order_id, customer_id, lines, carrier, tracking_code }: ShipmentRow): Shipment {
  const consignment = { shipmentId: shipment_id, orderId: order_id, customerId: customer_id, lines, carrier };
  return tracking_code === null
    ? { ...consignment, status: 'prepared' }
    : { ...consignment, status: 'dispatched', trackingCode: tracking_code };
}
