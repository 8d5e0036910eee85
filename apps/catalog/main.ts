import { catalog } from '@holdfast/contexts/catalog';
import { users } from '@holdfast/contexts/users';
import { boot } from '@holdfast/host';

// Known for the tokens it issues; it is mounted elsewhere.
process.env.CONTEXTS ||= 'catalog';
await boot('catalog', [catalog, users]);
