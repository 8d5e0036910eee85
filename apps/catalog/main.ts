import { catalog } from '@holdfast/contexts/catalog';
import { boot } from '@holdfast/host';

await boot('catalog', [catalog]);
