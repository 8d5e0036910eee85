import type { Field, Secret, Setting } from './setting.js';

export type Fields = Record<string, Field>;

/** The values a context receives for its fields. */
export type ValuesOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Setting<infer T> ? T : F[K] extends Secret<infer S> ? S : never;
};

/** One context's configuration: what it needs, how it is called, under which token it is injected. */
export interface ConfigDefinition<F extends Fields = Fields> {
  (): ValuesOf<F>;
  /** Injection token, as with `registerAs` of @nestjs/config. */
  readonly KEY: string | symbol;
  readonly context: string;
  readonly fields: F;
}

/** The values of a definition: `constructor(@Inject(inventoryConfig.KEY) config: ConfigOf<typeof inventoryConfig>)`. */
export type ConfigOf<D> = D extends ConfigDefinition<infer F> ? ValuesOf<F> : never;

/** Name of the variable behind a field: `('inventory', 'reservationTtlMs')` gives `INVENTORY_RESERVATION_TTL_MS`. */
export function variableName(context: string, name: string, field: Field): string {
  if (field.variable) return field.variable;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2');
  return `${context.replaceAll('-', '_')}_${words}`.toUpperCase();
}
