/** A fact of 255 bytes as JSON, the same for everybody. */
export function factOf(index) {
  const data = {
    orderId: '0198c5f2-7d3a-7b52-9a52-0e6f4c1d2b3a',
    customerId: '0198c5f2-7d3a-7b52-9a52-0e6f4c1d2b3b',
    line: index,
    sku: 'TEA-001',
    quantity: 2,
    price: { amount: 450, currency: 'EUR' },
    note: 'left at the door, second bell, ask for the porter if nobody answers',
  };
  return { type: 'line-added', data };
}

export const factsOf = (count) => Array.from({ length: count }, (_, index) => factOf(index));
