export interface Money {
  amount: number;
  currency: string;
}

export interface OrderLine {
  sku: string;
  quantity: number;
  price: Money;
}

export type BasketRefusal =
  | { refused: 'empty' }
  | { refused: 'sku-twice'; line: number }
  | { refused: 'mixed-currencies'; line: number }
  | { refused: 'too-expensive' };

export const LARGEST_TOTAL = 1_000_000_000_000_000;

/** What a basket costs. Amounts are exact up to 2^53; anything that would round is past the cap long before. */
export function totalOf(lines: readonly OrderLine[]): Money | BasketRefusal {
  const [first] = lines;
  if (!first) return { refused: 'empty' };

  const twice = lines.findIndex(({ sku }, index) => lines.findIndex((other) => other.sku === sku) < index);
  if (twice >= 0) return { refused: 'sku-twice', line: twice };

  const { currency } = first.price;
  const foreign = lines.findIndex(({ price }) => price.currency !== currency);
  if (foreign >= 0) return { refused: 'mixed-currencies', line: foreign };

  const amount = lines.reduce((sum, { price, quantity }) => sum + price.amount * quantity, 0);
  return amount > LARGEST_TOTAL ? { refused: 'too-expensive' } : { amount, currency };
}
