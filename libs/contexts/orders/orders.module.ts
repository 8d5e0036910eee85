import { Module } from '@nestjs/common';
import { AnswerShippingAddress } from './answer-shipping-address/answer-shipping-address.js';
import { CancelOrderHandler } from './cancel-order/cancel-order.js';
import { GetHistoryHandler } from './get-history/get-history.js';
import { GetOrderHandler } from './get-order/get-order.js';
import { ListOrdersHandler } from './list-orders/list-orders.js';
import { ListReturnsHandler } from './list-returns/list-returns.js';
import { OnPriceChanged } from './on-price-changed/on-price-changed.js';
import { OnProductAdded } from './on-product-added/on-product-added.js';
import { OrderStore } from './order.store.js';
import { OrdersController } from './orders.controller.js';
import { PlaceOrderHandler } from './place-order/place-order.js';
import { PriceBook } from './price-book.js';
import { RecordProgress } from './record-progress/record-progress.js';
import { RecordReturn } from './record-return/record-return.js';
import { RequestReturnHandler } from './request-return/request-return.js';

@Module({
  controllers: [OrdersController],
  providers: [
    OrderStore,
    PriceBook,
    PlaceOrderHandler,
    GetOrderHandler,
    GetHistoryHandler,
    ListOrdersHandler,
    CancelOrderHandler,
    RecordProgress,
    RequestReturnHandler,
    ListReturnsHandler,
    RecordReturn,
    AnswerShippingAddress,
    OnProductAdded,
    OnPriceChanged,
  ],
})
export class OrdersModule {}
