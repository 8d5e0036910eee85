import { Module } from '@nestjs/common';
import { Carriers } from './carrier.js';
import { GlobepostCarrier } from './carriers/globepost/globepost-carrier.js';
import { globepostStandIn } from './carriers/globepost/globepost-stand-in.js';
import { ParcelwiseCarrier } from './carriers/parcelwise/parcelwise-carrier.js';
import { parcelwiseStandIn } from './carriers/parcelwise/parcelwise-stand-in.js';
import { CollectReturnHandler } from './collect-return/collect-return.js';
import { DispatchShipmentHandler } from './dispatch-shipment/dispatch-shipment.js';
import { ListShipmentsHandler } from './list-shipments/list-shipments.js';
import { OnReceiveReturn } from './on-receive-return/on-receive-return.js';
import { OnSendReturnBack } from './on-send-return-back/on-send-return-back.js';
import { OnShipOrder } from './on-ship-order/on-ship-order.js';
import { ReturnParcelStore } from './return-parcel.store.js';
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
    ReturnParcelStore,
    OnShipOrder,
    DispatchShipmentHandler,
    ListShipmentsHandler,
    OnReceiveReturn,
    CollectReturnHandler,
    OnSendReturnBack,
  ],
})
export class ShippingModule {}
