import { catalog } from '@holdfast/contexts/catalog';
import { checkout } from '@holdfast/contexts/checkout';
import { inventory } from '@holdfast/contexts/inventory';
import { notifications } from '@holdfast/contexts/notifications';
import { orders } from '@holdfast/contexts/orders';
import { payments } from '@holdfast/contexts/payments';
import { shipping } from '@holdfast/contexts/shipping';
import { users } from '@holdfast/contexts/users';

/** The whole shop: every folder of libs/contexts, for the processes that know them all. */
export const contexts = [users, catalog, inventory, orders, payments, shipping, notifications, checkout];
