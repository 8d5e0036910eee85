import { notifications } from '@holdfast/contexts/notifications';
import { users } from '@holdfast/contexts/users';
import { boot } from '@holdfast/host';

// Known for the tokens it issues; it is mounted elsewhere.
process.env.CONTEXTS ||= 'notifications';
await boot('notifications', [notifications, users]);
