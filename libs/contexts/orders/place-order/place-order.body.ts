import { EnumField, ListField, NestedField, SkuField, TextField, WholeNumberField, rule } from '@holdfast/host';
import { Transform } from 'class-transformer';
import { ShippingAddressBody, isSomewhere } from './shipping-address.body.js';

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

export class PlaceOrderBody {
  @ListField(() => LineBody, { max: 100, uniqueBy: 'sku' })
  lines!: LineBody[];

  @NestedField(() => PaymentMethodBody)
  paymentMethod!: PaymentMethodBody;

  @NestedField(() => ShippingAddressBody)
  @Transform(({ value }) =>
    typeof value === 'string' ? Object.assign(new ShippingAddressBody(), { street: value }) : value,
  )
  @rule(
    'somewhere',
    (value) => !(value instanceof ShippingAddressBody) || isSomewhere(value),
    'must name a street or a city',
  )
  shippingAddress!: ShippingAddressBody;
}
