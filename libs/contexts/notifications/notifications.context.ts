import { defineContext } from '@holdfast/host';
import { NotificationsModule } from './notifications.module.js';

/** Tells customers how their purchase goes, each thing once. */
export const notifications = defineContext({ name: 'notifications', module: NotificationsModule });
