import { users } from '@holdfast/contexts/users';
import { boot } from '@holdfast/host';

await boot('users', [users]);
