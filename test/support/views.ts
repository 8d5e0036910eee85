export interface Money {
  amount: number;
  currency: string;
}

export type OrderStatus =
  | 'placed'
  | 'reserved'
  | 'authorised'
  | 'confirmed'
  | 'shipped'
  | 'completed'
  | 'rejected'
  | 'cancelled';

export interface OrderView {
  id: string;
  status: OrderStatus;
  reason?: string;
  total: Money;
  lines: { sku: string; quantity: number; price: Money }[];
  version: number;
  placedAt?: string;
}

export interface PaymentView {
  id: string;
  orderId: string;
  provider: string;
  status: 'requested' | 'authorised' | 'declined' | 'voided' | 'captured' | 'refunded';
  amount: Money;
  captured: number;
  refunded: number;
  refunds: RefundView[];
  declinedBecause?: string;
}

export interface ReturnView {
  id: string;
  orderId: string;
  status: 'requested' | 'received' | 'refunded' | 'rejected';
  reason?: string;
  lines: { sku: string; quantity: number }[];
  amount: Money;
}

export interface RefundView {
  id: string;
  amount: number;
  status: 'requested' | 'refunded' | 'refused';
}

export interface ShipmentView {
  id: string;
  orderId: string;
  status: string;
  carrier: string;
  trackingCode: string | null;
}

export interface StockView {
  sku: string;
  onHand: number;
  reserved: number;
  available: number;
}

export interface ProductView {
  sku: string;
  name: string;
  price: Money;
  available: number;
}

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  tokenType: string;
  expiresIn: number;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
