import { checkout } from '@holdfast/contexts/checkout';
import { users } from '@holdfast/contexts/users';
import { boot } from '@holdfast/host';

// Known for the tokens it issues; it is mounted elsewhere.
process.env.CONTEXTS ||= 'checkout';
await boot('checkout', [checkout, users]);
