import { inventory } from '@holdfast/contexts/inventory';
import { boot } from '@holdfast/host';

await boot('inventory', [inventory]);
