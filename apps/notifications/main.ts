import { notifications } from '@holdfast/contexts/notifications';
import { boot } from '@holdfast/host';

await boot('notifications', [notifications]);
