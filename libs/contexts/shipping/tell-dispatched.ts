import type { Transaction } from '@holdfast/data-consistency';
import { ShipmentDispatched } from './contracts/events.js';
import type { DispatchedShipment } from './domain/shipment.js';

export function tellDispatched(tx: Transaction, shipment: DispatchedShipment): void {
  const { orderId, customerId, shipmentId, carrier, trackingCode } = shipment;
  tx.emit(ShipmentDispatched, { orderId, customerId, shipmentId, carrier, trackingCode });
}
