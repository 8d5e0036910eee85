import { ApiProperty } from '@nestjs/swagger';
import type { Product } from './domain/product.js';

export class PriceView {
  @ApiProperty({ example: 450, description: 'minor units' }) amount!: number;
  @ApiProperty({ example: 'EUR' }) currency!: string;
}

export class ProductView {
  @ApiProperty({ example: 'TEA-001' }) sku!: string;
  @ApiProperty({ example: 'Assam Second Flush' }) name!: string;
  @ApiProperty({ type: PriceView }) price!: PriceView;
  @ApiProperty({ example: 998, description: 'pieces, a moment ago' }) available!: number;
}

export class ProductPage {
  @ApiProperty({ type: [ProductView] }) items!: ProductView[];
  @ApiProperty({ type: String, nullable: true }) nextCursor!: string | null;
}

export const productView = ({ sku, name, price }: Product, available: number): ProductView => ({
  sku,
  name,
  price: { amount: price.amount, currency: price.currency },
  available,
});
