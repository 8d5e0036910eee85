import { shipping } from '@holdfast/contexts/shipping';
import { users } from '@holdfast/contexts/users';
import { boot } from '@holdfast/host';

// Known for the tokens it issues; it is mounted elsewhere.
process.env.CONTEXTS ||= 'shipping';
await boot('shipping', [shipping, users]);
