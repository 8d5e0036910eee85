import { registerAs } from '@nestjs/config';
import type { ConfigDefinition, Fields } from './definition.js';
import { loadConfig } from './load-config.js';

/**
 * Declares what one context (or library) wants to be told from outside.
 *
 * The result is also a configuration factory of @nestjs/config reading `process.env`, so a plain Nest application can
 * write `ConfigModule.forFeature(inventoryConfig)`. That module keeps one store for everybody; `ConfigurationModule`
 * gives each context its own values only.
 *
 * @param context lower-case name, the prefix of its variables: `web-bff` gives `WEB_BFF_…`
 * @throws TypeError on a name that cannot become a variable
 * @example
 * export const inventoryConfig = defineConfig('inventory', {
 *   reservationTtlMs: setting(z.coerce.number().int().min(100).default(900_000), 'how long stock stays reserved, ms'),
 * });                                                              // INVENTORY_RESERVATION_TTL_MS
 */
export function defineConfig<F extends Fields>(context: string, fields: F): ConfigDefinition<F> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(context)) {
    throw new TypeError(`Configuration name "${context}" is not lower-case words joined by hyphens.`);
  }
  const factory = registerAs(context, () => loadConfig([definition], process.env).get(definition));
  const definition = Object.assign(factory, { context, fields }) as unknown as ConfigDefinition<F>;
  return definition;
}
