import { notFound } from '@holdfast/host';
import { Query, QueryHandler } from '@nestjs/cqrs';
import type { IQueryHandler } from '@nestjs/cqrs';
import { StockStore } from '../stock.store.js';
import { stockView, type StockView } from '../stock.view.js';

export class GetStock extends Query<StockView> {
  constructor(readonly sku: string) {
    super();
  }
}

@QueryHandler(GetStock)
export class GetStockHandler implements IQueryHandler<GetStock> {
  constructor(private readonly stock: StockStore) {}

  async execute({ sku }: GetStock): Promise<StockView> {
    const stock = await this.stock.find(sku);
    if (!stock) throw notFound({ detail: `There is no stock of ${sku}.` });
    return stockView(stock);
  }
}
