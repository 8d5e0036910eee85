import { payments } from '@holdfast/contexts/payments';
import { users } from '@holdfast/contexts/users';
import { boot } from '@holdfast/host';

// Known for the tokens it issues; it is mounted elsewhere.
process.env.CONTEXTS ||= 'payments';
await boot('payments', [payments, users]);
