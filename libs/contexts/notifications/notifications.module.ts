import { Module } from '@nestjs/common';
import { ListNotificationsHandler } from './list-notifications/list-notifications.js';
import { LogChannel } from './log.channel.js';
import { NotificationStore } from './notification.store.js';
import { NotificationsController } from './notifications.controller.js';
import { OnOrderPlaced } from './on-order-placed/on-order-placed.js';
import { OnPurchaseProgress } from './on-purchase-progress/on-purchase-progress.js';
import { Recipients } from './recipients.js';

@Module({
  controllers: [NotificationsController],
  providers: [NotificationStore, Recipients, LogChannel, OnOrderPlaced, OnPurchaseProgress, ListNotificationsHandler],
})
export class NotificationsModule {}
