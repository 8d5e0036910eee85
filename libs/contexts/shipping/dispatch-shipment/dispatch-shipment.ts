import { ShippingAddress } from '@holdfast/contracts/orders';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles, PATIENT, Queries, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { Carriers } from '../carrier.js';
import { DispatchShipment } from '../contracts/commands.js';
import { dispatch, piecesOf } from '../domain/shipment.js';
import { ShipmentStore } from '../shipment.store.js';
import { tellDispatched } from '../tell-dispatched.js';

/** The only place that books a carrier. A repeated booking is the same booking, so an attempt that failed is just made again. */
@Injectable()
export class DispatchShipmentHandler {
  constructor(
    private readonly shipments: ShipmentStore,
    private readonly queries: Queries,
    private readonly carriers: Carriers,
  ) {}

  @Handles(DispatchShipment, { ...PATIENT, lane: 'dispatch' })
  async dispatch({ orderId }: DataOf<typeof DispatchShipment>, tx: Transaction): Promise<void> {
    const shipment = await this.shipments.ofOrder(orderId);
    if (!shipment) throw new Error(`There is no shipment of order ${orderId} to dispatch`);
    if (shipment.status === 'dispatched') return;

    const address = await this.queries.ask(ShippingAddress, { orderId }); // for the label, kept nowhere
    const { shipmentId, carrier } = shipment;
    const trackingCode = await this.carriers.book(carrier, { shipmentId, pieces: piecesOf(shipment), address });
    const dispatched = dispatch(shipment, trackingCode);

    this.shipments.markDispatched(tx, dispatched);
    tellDispatched(tx, dispatched);
  }
}
