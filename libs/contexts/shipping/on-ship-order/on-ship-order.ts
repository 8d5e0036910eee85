import { ShippingAddress } from '@holdfast/contracts/orders';
import type { Transaction } from '@holdfast/data-consistency';
import { Handles, PATIENT, Queries, newId, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { DispatchShipment, ShipOrder } from '../contracts/commands.js';
import { prepare, type Shipment } from '../domain/shipment.js';
import { ShipmentStore } from '../shipment.store.js';
import { tellDispatched } from '../tell-dispatched.js';

/** Records the intent and the carrier; the carrier is called by a message of our own, so that a crash in between loses nothing. */
@Injectable()
export class OnShipOrder {
  constructor(
    private readonly shipments: ShipmentStore,
    private readonly queries: Queries,
  ) {}

  @Handles(ShipOrder, PATIENT)
  async ship({ orderId, customerId, lines }: DataOf<typeof ShipOrder>, tx: Transaction): Promise<void> {
    const known = await this.shipments.ofOrder(orderId);
    if (known) return answerAgain(tx, known);

    const { country } = await this.queries.ask(ShippingAddress, { orderId });
    const shipment = prepare({ shipmentId: newId(), orderId, customerId, lines, country });

    this.shipments.insert(tx, shipment);
    tx.send(DispatchShipment, { orderId });
  }
}

function answerAgain(tx: Transaction, shipment: Shipment): void {
  if (shipment.status === 'dispatched') tellDispatched(tx, shipment); // else the answer is under way
}
