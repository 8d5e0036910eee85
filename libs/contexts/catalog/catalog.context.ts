import { defineContext } from '@holdfast/host';
import { Module } from '@nestjs/common';
import { AddProductHandler } from './add-product/add-product.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogSeed } from './catalog.seed.js';
import { ChangePriceHandler } from './change-price/change-price.js';
import { PriceChanged, ProductAdded } from './contracts/events.js';
import { GetProductHandler } from './get-product/get-product.js';
import { ListProductsHandler } from './list-products/list-products.js';
import { OnStockChanged } from './on-stock-changed/on-stock-changed.js';
import { ProductStore } from './product.store.js';

@Module({
  controllers: [CatalogController],
  providers: [
    ProductStore,
    AddProductHandler,
    ChangePriceHandler,
    GetProductHandler,
    ListProductsHandler,
    OnStockChanged,
    CatalogSeed,
  ],
})
export class CatalogModule {}

export const catalog = defineContext({
  name: 'catalog',
  module: CatalogModule,
  emits: [ProductAdded, PriceChanged],
  sends: [],
  asks: [],
  seed: CatalogSeed,
});
