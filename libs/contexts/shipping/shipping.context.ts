import { ShippingAddress } from '@holdfast/contracts/orders';
import { defineContext } from '@holdfast/host';
import { CollectReturn, DispatchShipment } from './contracts/commands.js';
import { ReturnReceived, ReturnSentBack, ShipmentDispatched } from './contracts/events.js';
import { ShippingModule } from './shipping.module.js';

/** Hands the goods of an order to a carrier once, brings back what is returned, and knows where they are. */
export const shipping = defineContext({
  name: 'shipping',
  module: ShippingModule,
  emits: [ShipmentDispatched, ReturnReceived, ReturnSentBack],
  sends: [DispatchShipment, CollectReturn],
  asks: [ShippingAddress],
});
