import { defineContext } from '@holdfast/host';
import { IssueStock, ReleaseStock, ReserveStock, SecureStock } from '@holdfast/contracts/inventory';
import {
  CompleteOrder,
  ConfirmOrder,
  MarkAuthorised,
  MarkReserved,
  MarkShipped,
  RejectOrder,
} from '@holdfast/contracts/orders';
import { AuthorisePayment, CapturePayment, VoidPayment } from '@holdfast/contracts/payments';
import { ShipOrder } from '@holdfast/contracts/shipping';
import { Module } from '@nestjs/common';
import { PurchaseCompensated } from './contracts/events.js';
import { purchase } from './purchase/purchase.saga.js';

@Module({})
export class CheckoutModule {}

export const checkout = defineContext({
  name: 'checkout',
  module: CheckoutModule,
  emits: [PurchaseCompensated],
  sends: [
    ReserveStock,
    ReleaseStock,
    SecureStock,
    IssueStock,
    AuthorisePayment,
    VoidPayment,
    CapturePayment,
    MarkReserved,
    MarkAuthorised,
    ConfirmOrder,
    MarkShipped,
    CompleteOrder,
    RejectOrder,
    ShipOrder,
  ],
  sagas: [purchase],
});
