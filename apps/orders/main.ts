import { orders } from '@holdfast/contexts/orders';
import { users } from '@holdfast/contexts/users';
import { boot } from '@holdfast/host';

// Known for the tokens it issues; it is mounted elsewhere.
process.env.CONTEXTS ||= 'orders';
await boot('orders', [orders, users]);
