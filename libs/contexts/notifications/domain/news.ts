/** What a customer hears of; the template and what is said in it. Sums are written out: `EUR 4.50`. */
export type News =
  | { template: 'order-confirmed' }
  | { template: 'order-completed'; total: string }
  | { template: 'order-rejected'; reason: string }
  | { template: 'order-cancelled'; reason: string }
  | { template: 'shipment-dispatched'; carrier: string; trackingCode: string }
  | { template: 'payment-refunded'; amount: string };

export type Template = News['template'];

export const TEMPLATES = [
  'order-confirmed',
  'order-completed',
  'order-rejected',
  'order-cancelled',
  'shipment-dispatched',
  'payment-refunded',
] as const satisfies Template[];

export function textOf(news: News): string {
  switch (news.template) {
    case 'order-confirmed':
      return 'Your order is confirmed. We are packing it.';
    case 'order-completed':
      return `Your order is complete. You paid ${news.total}.`;
    case 'order-rejected':
      return `We cannot deliver your order: ${news.reason}.`;
    case 'order-cancelled':
      return `Your order is cancelled: ${news.reason}.`;
    case 'shipment-dispatched':
      return `Your order is on its way with ${news.carrier}. Its tracking code is ${news.trackingCode}.`;
    case 'payment-refunded':
      return `We have refunded ${news.amount}.`;
  }
}
