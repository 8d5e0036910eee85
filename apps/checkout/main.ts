import { checkout } from '@holdfast/contexts/checkout';
import { boot } from '@holdfast/host';

await boot('checkout', [checkout]);
