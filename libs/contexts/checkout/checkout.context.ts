import { defineContext } from '@holdfast/host';
import { IssueStock, ReleaseStock, ReserveStock, RestockReturn, SecureStock } from '@holdfast/contracts/inventory';
import {
  CompleteOrder,
  CompleteReturn,
  ConfirmOrder,
  MarkAuthorised,
  MarkReserved,
  MarkReturnReceived,
  MarkShipped,
  RejectOrder,
  RejectReturn,
} from '@holdfast/contracts/orders';
import { AuthorisePayment, CapturePayment, RefundPayment, VoidPayment } from '@holdfast/contracts/payments';
import { ReceiveReturn, SendReturnBack, ShipOrder } from '@holdfast/contracts/shipping';
import { Module } from '@nestjs/common';
import { PurchaseCompensated } from './contracts/events.js';
import { purchase } from './purchase/purchase.saga.js';
import { returns } from './returns/return.saga.js';

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
    ReceiveReturn,
    SendReturnBack,
    MarkReturnReceived,
    RefundPayment,
    RestockReturn,
    CompleteReturn,
    RejectReturn,
  ],
  sagas: [purchase, returns],
});
