import { UnitOfWork } from '@holdfast/data-consistency';
import { notFound } from '@holdfast/host';
import { Command, CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import { PriceChanged } from '../contracts/events.js';
import { changePrice } from '../domain/product.js';
import type { PriceInput } from '../price.input.js';
import { ProductStore } from '../product.store.js';
import { productView, type ProductView } from '../product.view.js';

export class ChangePrice extends Command<ProductView> {
  constructor(
    readonly sku: string,
    readonly price: PriceInput,
  ) {
    super();
  }
}

@CommandHandler(ChangePrice)
export class ChangePriceHandler implements ICommandHandler<ChangePrice> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly products: ProductStore,
  ) {}

  async execute({ sku, price: { amount, currency } }: ChangePrice): Promise<ProductView> {
    return this.work.run(async (tx) => {
      const found = await this.products.find(tx, sku);
      if (!found) throw notFound({ detail: `There is no product ${sku}.` });

      const { product, available } = found;
      const changed = changePrice(product, { amount, currency });
      if (!changed) return productView(product, available);

      this.products.changePrice(tx, changed);
      tx.emit(PriceChanged, { sku, price: { amount, currency }, version: changed.version });
      return productView(changed, available);
    });
  }
}
