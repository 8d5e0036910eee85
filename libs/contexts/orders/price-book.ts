import { Injectable } from '@nestjs/common';
import { Database, SharedRead, defineWrite, type Transaction } from '@holdfast/data-consistency';
import type { Money, OrderLine } from './domain/basket.js';

interface PriceRow extends Record<string, unknown> {
  sku: string;
  amount: number;
  currency: string;
  version: number;
}

/** What is wanted, not yet what it costs. */
export type Wanted = Pick<OrderLine, 'sku' | 'quantity'>;

/** Our own copy of the catalog's prices: placing an order asks nobody. */
@Injectable()
export class PriceBook {
  /** Orders placed at the same time read their prices together. */
  private readonly current: SharedRead<PriceRow>;

  constructor(database: Database) {
    const text = 'select sku, amount, currency from price where sku = any($1::text[])';
    this.current = new SharedRead({ database, text, keyOf: ({ sku }) => sku });
  }

  /** The lines with today's prices, or the places of those that nobody sells. */
  async quote(wanted: readonly Wanted[]): Promise<{ lines: OrderLine[]; unknown: number[] }> {
    const prices = await this.current.find(wanted.map(({ sku }) => sku));
    return {
      lines: wanted.flatMap(({ sku, quantity }) => priced({ sku, quantity }, prices.get(sku)) ?? []),
      unknown: wanted.flatMap(({ sku }, index) => (prices.has(sku) ? [] : [index])),
    };
  }

  /** Messages may come late: an older price never replaces a newer one. */
  save(tx: Transaction, { sku, price, version }: { sku: string; price: Money; version: number }): void {
    tx.write(savePrice, { sku, ...price, version });
  }
}

function priced({ sku, quantity }: Wanted, price: PriceRow | undefined): OrderLine | undefined {
  return price && { sku, quantity, price: { amount: price.amount, currency: price.currency } };
}

const savePrice = defineWrite<PriceRow>(
  'orders.save-price',
  { sku: 'text', amount: 'bigint', currency: 'text', version: 'int' },
  `insert into price (sku, amount, currency, version) select sku, amount, currency, version from rows
   on conflict (sku) do update set amount = excluded.amount, currency = excluded.currency, version = excluded.version
   where price.version < excluded.version`,
  { affects: 'any' },
);
