import { TEMPLATES, textOf, type News } from './news.js';

const eur = (amount: number) => ({ amount, currency: 'EUR' });

const said: [News, string][] = [
  [{ template: 'order-confirmed' }, 'Your order is confirmed. We are packing it.'],
  [{ template: 'order-completed', total: eur(900) }, 'Your order is complete. You paid EUR 9.00.'],
  [{ template: 'order-rejected', reason: 'out of stock' }, 'We cannot deliver your order: out of stock.'],
  [{ template: 'order-cancelled', reason: 'changed my mind' }, 'Your order is cancelled: changed my mind.'],
  [
    { template: 'shipment-dispatched', carrier: 'parcelwise', trackingCode: '106141412345678908' },
    'Your order is on its way with parcelwise. Its tracking code is 106141412345678908.',
  ],
  [{ template: 'payment-refunded', amount: eur(450) }, 'We have refunded EUR 4.50.'],
];

describe('what a customer reads', () => {
  it.each(said)('%j', (news, text) => {
    expect(textOf(news)).toBe(text);
  });

  it('is known for every template', () => {
    expect(said.map(([{ template }]) => template)).toEqual(TEMPLATES);
  });

  it.each<[number, string, string]>([
    [0, 'EUR', 'EUR 0.00'],
    [5, 'EUR', 'EUR 0.05'],
    [99, 'EUR', 'EUR 0.99'],
    [450, 'JPY', 'JPY 450'],
    [1_234, 'KWD', 'KWD 1.234'],
    [129_900, 'HUF', 'HUF 1299.00'],
    [1_234, 'IQD', 'IQD 1.234'],
    [12_345, 'CLF', 'CLF 1.2345'],
    [999_999_999_999_999, 'EUR', 'EUR 9999999999999.99'],
  ])('has %i minor units of %s as %s', (amount, currency, tag) => {
    expect(textOf({ template: 'payment-refunded', amount: { amount, currency } })).toBe(`We have refunded ${tag}.`);
  });
});
