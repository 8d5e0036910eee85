import { v7 } from 'uuid';

const PRICES = { 'TEA-001': 450, 'TEA-002': 1_250, 'TEA-003': 99 };

/** The order a request asks for, with prices from memory. */
export function priced({ lines, paymentMethod }) {
  const withPrices = lines.map(({ sku, quantity }) => ({
    sku,
    quantity,
    price: { amount: PRICES[sku], currency: 'EUR' },
  }));
  const amount = withPrices.reduce((sum, { quantity, price }) => sum + quantity * price.amount, 0);
  return {
    orderId: v7(),
    customerId: '0198c5f2-7d3a-7b52-9a52-0e6f4c1d2b3a',
    lines: withPrices,
    total: { amount, currency: 'EUR' },
    paymentMethod,
  };
}
