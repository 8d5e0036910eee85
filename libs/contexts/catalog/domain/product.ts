export interface Price {
  readonly amount: number;
  readonly currency: string;
}

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly price: Price;
  /** Grows by one with every change. */
  readonly version: number;
}

export const newProduct = ({ sku, name, price }: Omit<Product, 'version'>): Product => ({
  sku,
  name,
  price,
  version: 1,
});

/** Undefined when that is the price already. */
export function changePrice(product: Product, price: Price): Product | undefined {
  const { amount, currency } = product.price;
  if (amount === price.amount && currency === price.currency) return undefined;
  return { ...product, price, version: product.version + 1 };
}
