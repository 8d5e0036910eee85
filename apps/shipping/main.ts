import { shipping } from '@holdfast/contexts/shipping';
import { boot } from '@holdfast/host';

await boot('shipping', [shipping]);
