import { Module } from '@nestjs/common';
import { Carriers } from './carrier.js';
import { GlobepostCarrier } from './carriers/globepost/globepost-carrier.js';
import { globepostStandIn } from './carriers/globepost/globepost-stand-in.js';
import { ParcelwiseCarrier } from './carriers/parcelwise/parcelwise-carrier.js';
import { parcelwiseStandIn } from './carriers/parcelwise/parcelwise-stand-in.js';
import { DispatchShipmentHandler } from './dispatch-shipment/dispatch-shipment.js';
import { ListShipmentsHandler } from './list-shipments/list-shipments.js';
import { OnShipOrder } from './on-ship-order/on-ship-order.js';
import { ShipmentStore } from './shipment.store.js';
import { ShippingController } from './shipping.controller.js';

function carriers(): Carriers {
  return new Carriers({
    parcelwise: new ParcelwiseCarrier(parcelwiseStandIn),
    globepost: new GlobepostCarrier(globepostStandIn),
  });
}

@Module({
  controllers: [ShippingController],
  providers: [
    { provide: Carriers, useFactory: carriers },
    ShipmentStore,
    OnShipOrder,
    DispatchShipmentHandler,
    ListShipmentsHandler,
  ],
})
export class ShippingModule {}
