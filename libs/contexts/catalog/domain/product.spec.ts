import { changePrice, newProduct } from './product.js';

const tea = newProduct({ sku: 'TEA-001', name: 'Assam', price: { amount: 450, currency: 'EUR' } });

describe('a product', () => {
  it('begins at version 1', () => {
    expect(tea).toEqual({ sku: 'TEA-001', name: 'Assam', price: { amount: 450, currency: 'EUR' }, version: 1 });
  });

  it.each([
    { amount: 451, currency: 'EUR' },
    { amount: 450, currency: 'CHF' },
  ])('gets a new version with the price $amount $currency', (price) => {
    expect(changePrice(tea, price)).toEqual({ ...tea, price, version: 2 });
  });

  it('stays as it is when the price is what it was', () => {
    expect(changePrice(tea, { amount: 450, currency: 'EUR' })).toBeUndefined();
  });
});
