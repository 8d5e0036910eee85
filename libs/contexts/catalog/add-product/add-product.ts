import { UnitOfWork } from '@holdfast/data-consistency';
import { NestedField, SkuField, TextField } from '@holdfast/host';
import { Command, CommandHandler } from '@nestjs/cqrs';
import type { ICommandHandler } from '@nestjs/cqrs';
import { ProductAdded } from '../contracts/events.js';
import { newProduct } from '../domain/product.js';
import { PriceInput } from '../price.input.js';
import { ProductStore } from '../product.store.js';
import { productView, type ProductView } from '../product.view.js';

export class ProductInput {
  @SkuField()
  sku!: string;

  @TextField({ max: 200, example: 'Assam Second Flush' })
  name!: string;

  @NestedField(() => PriceInput)
  price!: PriceInput;
}

export class AddProduct extends Command<ProductView> {
  constructor(readonly input: ProductInput) {
    super();
  }
}

@CommandHandler(AddProduct)
export class AddProductHandler implements ICommandHandler<AddProduct> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly products: ProductStore,
  ) {}

  async execute({ input }: AddProduct): Promise<ProductView> {
    return this.work.run(async (tx) => {
      const product = newProduct(input);
      const available = await this.products.available(tx, product.sku);
      this.products.add(tx, product);
      tx.emit(ProductAdded, product);
      return productView(product, available);
    });
  }
}
