import { payments } from '@holdfast/contexts/payments';
import { boot } from '@holdfast/host';

await boot('payments', [payments]);
