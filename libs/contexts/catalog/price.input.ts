import { CurrencyField, MoneyAmountField } from '@holdfast/host';

export class PriceInput {
  @MoneyAmountField({ min: 1, example: 450 })
  amount!: number;

  @CurrencyField()
  currency!: string;
}
