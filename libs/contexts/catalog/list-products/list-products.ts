import { defineCursor, type PageQuery } from '@holdfast/host';
import { Query, QueryHandler } from '@nestjs/cqrs';
import type { IQueryHandler } from '@nestjs/cqrs';
import { ProductStore } from '../product.store.js';
import type { ProductPage } from '../product.view.js';

const isSku = (value: unknown): value is string => typeof value === 'string' && /^[A-Z0-9-]{1,32}$/.test(value);
const place = defineCursor({ sku: isSku });
const START = '';

export class ListProducts extends Query<ProductPage> {
  constructor(readonly page: PageQuery) {
    super();
  }
}

@QueryHandler(ListProducts)
export class ListProductsHandler implements IQueryHandler<ListProducts> {
  constructor(private readonly products: ProductStore) {}

  async execute({ page: { limit, cursor } }: ListProducts): Promise<ProductPage> {
    const after = cursor === undefined ? START : place.decode(cursor).sku;
    const found = await this.products.page({ after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return { items, nextCursor: last && found.length > limit ? place.encode({ sku: last.sku }) : null };
  }
}
