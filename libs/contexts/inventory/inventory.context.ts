import { defineContext } from '@holdfast/host';
import { Module } from '@nestjs/common';
import { ExpireReservation } from './contracts/commands.js';
import {
  ReservationExpired,
  StockChanged,
  StockRejected,
  StockReleased,
  StockReserved,
  StockRestocked,
  StockSecured,
} from './contracts/events.js';
import { GetStockHandler } from './get-stock/get-stock.js';
import { inventoryConfig } from './inventory.config.js';
import { InventoryController } from './inventory.controller.js';
import { InventorySeed } from './inventory.seed.js';
import { OnExpireReservation } from './on-expire-reservation/on-expire-reservation.js';
import { OnIssueStock } from './on-issue-stock/on-issue-stock.js';
import { OnReleaseStock } from './on-release-stock/on-release-stock.js';
import { OnReserveStock } from './on-reserve-stock/on-reserve-stock.js';
import { OnRestockReturn } from './on-restock-return/on-restock-return.js';
import { OnSecureStock } from './on-secure-stock/on-secure-stock.js';
import { ReservationStore } from './reservation.store.js';
import { ReservedStock } from './reserved-stock.js';
import { SetOnHandHandler } from './set-on-hand/set-on-hand.js';
import { StockStore } from './stock.store.js';

@Module({
  controllers: [InventoryController],
  providers: [
    StockStore,
    ReservationStore,
    ReservedStock,
    OnReserveStock,
    OnReleaseStock,
    OnSecureStock,
    OnIssueStock,
    OnExpireReservation,
    OnRestockReturn,
    SetOnHandHandler,
    GetStockHandler,
    InventorySeed,
  ],
})
export class InventoryModule {}

export const inventory = defineContext({
  name: 'inventory',
  module: InventoryModule,
  emits: [StockReserved, StockRejected, StockReleased, StockSecured, StockRestocked, ReservationExpired, StockChanged],
  sends: [ExpireReservation],
  asks: [],
  config: [inventoryConfig],
  seed: InventorySeed,
});
