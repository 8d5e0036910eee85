import { inventory } from '@holdfast/contexts/inventory';
import { users } from '@holdfast/contexts/users';
import { boot } from '@holdfast/host';

// Known for the tokens it issues; it is mounted elsewhere.
process.env.CONTEXTS ||= 'inventory';
await boot('inventory', [inventory, users]);
