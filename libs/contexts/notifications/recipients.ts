import { Database, defineWrite, type Transaction } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';

interface RecipientRow extends Record<string, unknown> {
  order_id: string;
  recipient_id: string;
}

const insertRecipient = defineWrite<RecipientRow>(
  'notifications.insert-recipient',
  { order_id: 'uuid', recipient_id: 'uuid' },
  `insert into order_recipient (order_id, recipient_id) select order_id, recipient_id from rows on conflict do nothing`,
  { affects: 'any' },
);

/** Who hears of an order: our own copy, for news that does not name the customer. */
@Injectable()
export class Recipients {
  constructor(private readonly database: Database) {}

  async of(orderId: string): Promise<string> {
    const row = await this.database.one<RecipientRow>(`select recipient_id from order_recipient where order_id = $1`, [
      orderId,
    ]);
    if (!row) throw new Error(`Nobody is known to have placed order ${orderId} yet`);
    return row.recipient_id;
  }

  remember(tx: Transaction, { orderId, customerId }: { orderId: string; customerId: string }): void {
    tx.write(insertRecipient, { order_id: orderId, recipient_id: customerId });
  }
}
