import { defineConfig, setting } from '@holdfast/configuration';
import { z } from 'zod';

export const inventoryConfig = defineConfig('inventory', {
  reservationTtlMs: setting(
    z.coerce.number().int().min(100).max(86_400_000).default(900_000),
    'how long stock stays reserved for an order that is not confirmed, milliseconds',
  ),
});
