import { Database } from '@holdfast/data-consistency';
import { defineCursor, isUuid, type PageQuery } from '@holdfast/host';
import type { Principal } from '@holdfast/security';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ApiProperty } from '@nestjs/swagger';
import { TEMPLATES, type Template } from '../domain/news.js';

export class NotificationView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: TEMPLATES })
  template!: Template;

  @ApiProperty({ format: 'uuid' })
  orderId!: string;

  @ApiProperty({ example: 'Your order is confirmed. We are packing it.' })
  text!: string;

  @ApiProperty({ format: 'date-time' })
  at!: string;
}

export class NotificationPage {
  @ApiProperty({ type: [NotificationView] })
  items!: NotificationView[];

  @ApiProperty({ type: 'string', nullable: true })
  nextCursor!: string | null;
}

export class ListNotifications extends Query<NotificationPage> {
  constructor(
    readonly page: PageQuery,
    readonly by: Principal,
  ) {
    super();
  }
}

type NotificationRow = { message_id: string; template: Template; order_id: string; text: string; sent_at: Date };

// Ids are those of the messages, UUIDv7: the newest has the largest.
const place = defineCursor({ id: isUuid });
const BEFORE_ALL = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

@QueryHandler(ListNotifications)
export class ListNotificationsHandler implements IQueryHandler<ListNotifications> {
  constructor(private readonly database: Database) {}

  async execute({ page: { limit, cursor }, by }: ListNotifications): Promise<NotificationPage> {
    const before = cursor === undefined ? BEFORE_ALL : place.decode(cursor).id;
    const rows = await this.database.read<NotificationRow>(
      `select message_id, template, order_id, text, sent_at from notification
       where recipient_id = $1 and message_id < $2 order by message_id desc limit $3`,
      [by.id, before, limit + 1],
    );
    const items = rows.slice(0, limit).map(notificationView);
    const last = items.at(-1);
    return { items, nextCursor: rows.length > limit && last ? place.encode({ id: last.id }) : null };
  }
}

function notificationView({ message_id, template, order_id, text, sent_at }: NotificationRow): NotificationView {
  return { id: message_id, template, orderId: order_id, text, at: sent_at.toISOString() };
}
