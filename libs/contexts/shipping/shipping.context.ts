import { ShippingAddress } from '@holdfast/contracts/orders';
import { defineContext } from '@holdfast/host';
import { DispatchShipment } from './contracts/commands.js';
import { ShipmentDispatched } from './contracts/events.js';
import { ShippingModule } from './shipping.module.js';

/** Hands the goods of an order to a carrier once, and knows where they are. */
export const shipping = defineContext({
  name: 'shipping',
  module: ShippingModule,
  emits: [ShipmentDispatched],
  sends: [DispatchShipment],
  asks: [ShippingAddress],
});
