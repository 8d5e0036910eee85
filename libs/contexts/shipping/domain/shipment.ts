import { carrierFor, type CarrierName } from './carrier-choice.js';

export interface Line {
  sku: string;
  quantity: number;
}

interface Consignment {
  shipmentId: string;
  orderId: string;
  customerId: string;
  lines: Line[];
  /** Chosen once: an attempt to book that is repeated goes to the same carrier. */
  carrier: CarrierName;
}

export type PreparedShipment = Consignment & { status: 'prepared' };
export type DispatchedShipment = Consignment & { status: 'dispatched'; trackingCode: string };
export type Shipment = PreparedShipment | DispatchedShipment;

export const STATUSES = ['prepared', 'dispatched'] as const satisfies Shipment['status'][];

export function prepare({ country, ...order }: Omit<Consignment, 'carrier'> & { country: string }): PreparedShipment {
  return { ...order, carrier: carrierFor(country), status: 'prepared' };
}

export function dispatch(shipment: PreparedShipment, trackingCode: string): DispatchedShipment {
  return { ...shipment, status: 'dispatched', trackingCode };
}

export function piecesOf({ lines }: { lines: readonly Line[] }): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}

export interface Viewer {
  id: string;
  roles: readonly string[];
}

export function isVisibleTo({ customerId }: Shipment, { id, roles }: Viewer): boolean {
  return customerId === id || roles.includes('admin') || roles.includes('operator');
}
