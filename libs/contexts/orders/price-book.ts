import { Injectable } from '@nestjs/common';
import { Database, defineWrite, type Transaction } from '@holdfast/data-consistency';
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
  constructor(private readonly database: Database) {}

  /** The lines with today's prices, or the places of those that nobody sells. */
  async quote(wanted: readonly Wanted[]): Promise<{ lines: OrderLine[]; unknown: number[] }> {
    const rows = await this.database.read<PriceRow>(
      `select sku, amount, currency from price where sku = any($1::text[])`,
      [wanted.map(({ sku }) => sku)],
    );
    const prices = new Map(rows.map(({ sku, amount, currency }) => [sku, { amount, currency }]));
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

function priced({ sku, quantity }: Wanted, price: Money | undefined): OrderLine | undefined {
  return price && { sku, quantity, price };
}

const savePrice = defineWrite<PriceRow>(
  'orders.save-price',
  { sku: 'text', amount: 'bigint', currency: 'text', version: 'int' },
  `insert into price (sku, amount, currency, version) select sku, amount, currency, version from rows
   on conflict (sku) do update set amount = excluded.amount, currency = excluded.currency, version = excluded.version
   where price.version < excluded.version`,
  { affects: 'any' },
);
