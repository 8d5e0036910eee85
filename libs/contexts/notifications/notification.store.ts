import { Database, defineWrite, type Transaction } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import type { Template } from './domain/news.js';

export interface Notification {
  /** The id of the message that it tells of: a message that comes again is the same notification. */
  id: string;
  recipientId: string;
  orderId: string;
  template: Template;
  /** What happened, and happens once: the order, the shipment or the refund. */
  aboutId: string;
  text: string;
}

interface NotificationRow {
  message_id: string;
  recipient_id: string;
  order_id: string;
  template: Template;
  about_id: string;
  text: string;
}

const insertNotification = defineWrite<NotificationRow>(
  'notifications.insert-notification',
  { message_id: 'uuid', recipient_id: 'uuid', order_id: 'uuid', template: 'text', about_id: 'uuid', text: 'text' },
  `insert into notification (message_id, recipient_id, order_id, template, about_id, text)
   select message_id, recipient_id, order_id, template, about_id, text from rows on conflict do nothing`,
);

@Injectable()
export class NotificationStore {
  constructor(private readonly database: Database) {}

  async isSent({ id, template, aboutId }: Pick<Notification, 'id' | 'template' | 'aboutId'>): Promise<boolean> {
    const found = await this.database.one(
      `select from notification where message_id = $1 or (template = $2 and about_id = $3)`,
      [id, template, aboutId],
    );
    return found !== undefined;
  }

  insert(tx: Transaction, { id, recipientId, orderId, template, aboutId, text }: Notification): void {
    tx.write(insertNotification, {
      message_id: id,
      recipient_id: recipientId,
      order_id: orderId,
      template,
      about_id: aboutId,
      text,
    });
  }
}
