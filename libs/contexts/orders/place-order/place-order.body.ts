import { EnumField, ListField, NestedField, SkuField, TextField, WholeNumberField, rule } from '@holdfast/host';
import { isISO31661Alpha2 } from 'class-validator';

export class LineBody {
  @SkuField({ example: 'TEA-001' })
  sku!: string;

  @WholeNumberField({ min: 1, max: 1_000, example: 2 })
  quantity!: number;
}

export class PaymentMethodBody {
  @EnumField(['acme', 'globex'], { example: 'acme' })
  provider!: string;

  @TextField({
    min: 3,
    max: 64,
    pattern: /^[A-Za-z0-9_]{3,64}$/,
    example: 'tok_ok',
    description: 'given by the provider',
  })
  token!: string;
}

export class ShippingAddressBody {
  @TextField({ max: 200, example: 'Ada Lovelace' })
  name!: string;

  @TextField({ max: 200, example: '12 St James’s Square' })
  street!: string;

  @TextField({ max: 200, example: 'London' })
  city!: string;

  @TextField({ max: 20, example: 'SW1Y 4JH' })
  postalCode!: string;

  @TextField({ min: 2, max: 2, pattern: /^[A-Z]{2}$/, example: 'GB', description: 'ISO 3166-1 alpha-2' })
  @rule('country', isISO31661Alpha2, 'must be a country: ISO 3166-1 alpha-2')
  country!: string;
}

export class PlaceOrderBody {
  @ListField(() => LineBody, { max: 100, uniqueBy: 'sku' })
  lines!: LineBody[];

  @NestedField(() => PaymentMethodBody)
  paymentMethod!: PaymentMethodBody;

  @NestedField(() => ShippingAddressBody)
  shippingAddress!: ShippingAddressBody;
}
