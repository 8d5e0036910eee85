import { PageQuery } from '@holdfast/host';
import { Caller, SignedIn, type Principal } from '@holdfast/security';
import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { ListNotifications, NotificationPage } from './list-notifications/list-notifications.js';

@ApiTags('notifications')
@SignedIn()
@Controller({ path: 'notifications', version: '1' })
export class NotificationsController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOkResponse({ type: NotificationPage })
  list(@Query() page: PageQuery, @Caller() by: Principal): Promise<NotificationPage> {
    return this.queries.execute(new ListNotifications(page, by));
  }
}
