import { TEMPLATES, textOf, type News } from './news.js';

const said: [News, string][] = [
  [{ template: 'order-confirmed' }, 'Your order is confirmed. We are packing it.'],
  [{ template: 'order-completed', total: 'EUR 9.00' }, 'Your order is complete. You paid EUR 9.00.'],
  [{ template: 'order-rejected', reason: 'out of stock' }, 'We cannot deliver your order: out of stock.'],
  [{ template: 'order-cancelled', reason: 'changed my mind' }, 'Your order is cancelled: changed my mind.'],
  [
    { template: 'shipment-dispatched', carrier: 'parcelwise', trackingCode: '106141412345678908' },
    'Your order is on its way with parcelwise. Its tracking code is 106141412345678908.',
  ],
  [{ template: 'payment-refunded', amount: 'EUR 4.50' }, 'We have refunded EUR 4.50.'],
];

describe('what a customer reads', () => {
  it.each(said)('%j', (news, text) => {
    expect(textOf(news)).toBe(text);
  });

  it('is known for every template', () => {
    expect(said.map(([{ template }]) => template)).toEqual(TEMPLATES);
  });
});
