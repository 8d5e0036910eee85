import { Database, defineWrite } from '@holdfast/data-consistency';
import type { Transaction } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import { noStock, type Moved, type Stock } from './domain/stock.js';

interface StockRow {
  sku: string;
  on_hand: number;
  reserved: number;
  shipped: number;
  version: number;
}

interface MovementRow extends StockRow {
  kind: string;
  order_id: string | null;
  return_id: string | null;
}

/** For whom stock moved; a correction of the count is for nobody. */
export interface Cause {
  orderId: string;
  returnId?: string;
}

const saveStock = defineWrite<StockRow>(
  'inventory.save-stock',
  { sku: 'text', on_hand: 'integer', reserved: 'integer', shipped: 'bigint', version: 'integer' },
  `insert into stock (sku, on_hand, reserved, shipped, version) select sku, on_hand, reserved, shipped, version from rows
   on conflict (sku) do update
     set on_hand = excluded.on_hand, reserved = excluded.reserved, shipped = excluded.shipped, version = excluded.version
     where stock.version = excluded.version - 1`,
);

const recordMovement = defineWrite<MovementRow>(
  'inventory.record-movement',
  {
    sku: 'text',
    version: 'integer',
    kind: 'text',
    order_id: 'uuid',
    return_id: 'uuid',
    on_hand: 'integer',
    reserved: 'integer',
    shipped: 'integer',
  },
  `insert into stock_movement (sku, version, kind, order_id, return_id, on_hand, reserved, shipped)
   select sku, version, kind, order_id, return_id, on_hand, reserved, shipped from rows on conflict do nothing`,
);

const COLUMNS = 'sku, on_hand, reserved, shipped, version';

@Injectable()
export class StockStore {
  constructor(private readonly database: Database) {}

  async find(sku: string): Promise<Stock | undefined> {
    const row = await this.database.one<StockRow>(`select ${COLUMNS} from stock where sku = $1`, [sku]);
    return row && stockOf(row);
  }

  /** Always in the order of the SKUs, so that two buyers of the same products never wait for each other. */
  async lock(tx: Transaction, skus: readonly string[]): Promise<Map<string, Stock>> {
    const rows = await tx.lock<StockRow>(
      `select ${COLUMNS} from stock where sku = any($1::text[]) order by sku for update`,
      [skus],
    );
    const known = new Map(rows.map((row) => [row.sku, stockOf(row)]));
    return new Map(skus.map((sku) => [sku, known.get(sku) ?? noStock(sku)]));
  }

  async isRestocked(tx: Transaction, returnId: string): Promise<boolean> {
    const found = await tx.read(`select from stock_movement where return_id = $1 limit 1`, [returnId]);
    return found.length > 0;
  }

  save(tx: Transaction, moved: readonly Moved[], cause?: Cause): void {
    tx.write(saveStock, ...moved.map(({ stock }) => rowOf(stock)));
    tx.write(
      recordMovement,
      ...moved.map(({ stock: { version }, movement: { kind, ...added } }) => ({
        ...rowOf({ ...added, version }),
        kind,
        order_id: cause?.orderId ?? null,
        return_id: cause?.returnId ?? null,
      })),
    );
  }
}

function stockOf({ sku, on_hand, reserved, shipped, version }: StockRow): Stock {
  return { sku, onHand: on_hand, reserved, shipped: Number(shipped), version };
}

function rowOf({ sku, onHand, reserved, shipped, version }: Stock): StockRow {
  return { sku, on_hand: onHand, reserved, shipped, version };
}
