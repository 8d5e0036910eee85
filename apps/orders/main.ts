import { orders } from '@holdfast/contexts/orders';
import { boot } from '@holdfast/host';

await boot('orders', [orders]);
