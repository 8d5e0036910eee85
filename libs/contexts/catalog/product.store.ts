import { Database, defineWrite } from '@holdfast/data-consistency';
import type { Transaction } from '@holdfast/data-consistency';
import { conflict } from '@holdfast/host';
import { Injectable } from '@nestjs/common';
import type { Product } from './domain/product.js';
import { productView, type ProductView } from './product.view.js';

interface ProductRow {
  sku: string;
  name: string;
  price_amount: number;
  price_currency: string;
  version: number;
}

interface OfferRow extends ProductRow {
  available: number;
}

interface AvailabilityRow {
  sku: string;
  available: number;
  version: number;
}

/** A product and how much of it there is. */
export interface Offer {
  product: Product;
  available: number;
}

const addProduct = defineWrite<ProductRow>(
  'catalog.add-product',
  { sku: 'text', name: 'text', price_amount: 'bigint', price_currency: 'text', version: 'integer' },
  `insert into product (sku, name, price_amount, price_currency, version)
   select sku, name, price_amount, price_currency, version from rows on conflict (sku) do nothing`,
  { missed: () => conflict({ field: 'sku', rule: 'unique', detail: 'A product with this SKU exists already.' }) },
);

const changePrice = defineWrite<Omit<ProductRow, 'name'>>(
  'catalog.change-price',
  { sku: 'text', price_amount: 'bigint', price_currency: 'text', version: 'integer' },
  `update product set price_amount = rows.price_amount, price_currency = rows.price_currency, version = rows.version
   from rows where product.sku = rows.sku and product.version = rows.version - 1`,
);

const copyAvailability = defineWrite<AvailabilityRow>(
  'catalog.copy-availability',
  { sku: 'text', available: 'integer', version: 'integer' },
  `insert into availability (sku, available, version) select sku, available, version from rows
   on conflict (sku) do update set available = excluded.available, version = excluded.version
     where availability.version < excluded.version`,
  { affects: 'any' },
);

const OFFER = `
  select sku, name, price_amount, price_currency, product.version, coalesce(available, 0) as available
  from product left join availability using (sku)`;

@Injectable()
export class ProductStore {
  constructor(private readonly database: Database) {}

  async find(tx: Transaction, sku: string): Promise<Offer | undefined> {
    const [row] = await tx.read<OfferRow>(`${OFFER} where sku = $1`, [sku]);
    return row && { product: productOf(row), available: row.available };
  }

  async available(tx: Transaction, sku: string): Promise<number> {
    const [row] = await tx.read<{ available: number }>('select available from availability where sku = $1', [sku]);
    return row?.available ?? 0;
  }

  async known(tx: Transaction, skus: readonly string[]): Promise<Set<string>> {
    const rows = await tx.read<{ sku: string }>('select sku from product where sku = any($1::text[])', [skus]);
    return new Set(rows.map(({ sku }) => sku));
  }

  add(tx: Transaction, { sku, name, price, version }: Product): void {
    tx.write(addProduct, { sku, name, price_amount: price.amount, price_currency: price.currency, version });
  }

  changePrice(tx: Transaction, { sku, price, version }: Product): void {
    tx.write(changePrice, { sku, price_amount: price.amount, price_currency: price.currency, version });
  }

  copyAvailability(tx: Transaction, copy: AvailabilityRow): void {
    tx.write(copyAvailability, copy);
  }

  async view(sku: string): Promise<ProductView | undefined> {
    const row = await this.database.one<OfferRow>(`${OFFER} where sku = $1`, [sku]);
    return row && productView(productOf(row), row.available);
  }

  async page({ after, limit }: { after: string; limit: number }): Promise<ProductView[]> {
    const rows = await this.database.read<OfferRow>(`${OFFER} where sku > $1 order by sku limit $2`, [after, limit]);
    return rows.map((row) => productView(productOf(row), row.available));
  }
}

const productOf = ({ sku, name, price_amount, price_currency, version }: ProductRow): Product => ({
  sku,
  name,
  version,
  price: { amount: Number(price_amount), currency: price_currency },
});
