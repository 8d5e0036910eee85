import { notFound } from '@holdfast/host';
import { Query, QueryHandler } from '@nestjs/cqrs';
import type { IQueryHandler } from '@nestjs/cqrs';
import { ProductStore } from '../product.store.js';
import type { ProductView } from '../product.view.js';

export class GetProduct extends Query<ProductView> {
  constructor(readonly sku: string) {
    super();
  }
}

@QueryHandler(GetProduct)
export class GetProductHandler implements IQueryHandler<GetProduct> {
  constructor(private readonly products: ProductStore) {}

  async execute({ sku }: GetProduct): Promise<ProductView> {
    const product = await this.products.view(sku);
    if (!product) throw notFound({ detail: `There is no product ${sku}.` });
    return product;
  }
}
