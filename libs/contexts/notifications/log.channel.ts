import { Injectable, Logger } from '@nestjs/common';
import type { Notification } from './notification.store.js';

/** Says on the log whom a message is for and which one it is: never who that is, nor what it says. */
@Injectable()
export class LogChannel {
  private readonly log = new Logger(LogChannel.name);

  send({ id, recipientId, template, orderId }: Notification): void {
    this.log.log({ msg: 'notification sent', notificationId: id, recipientId, template, orderId });
  }
}
