import type { z } from 'zod';

/** An ordinary value: may be printed, may have a default. Made by {@link setting}. */
export interface Setting<T = unknown> {
  readonly kind: 'setting';
  readonly schema: z.ZodType<T>;
  readonly help: string;
  readonly variable?: string;
}

/** A value nobody may print. Made by {@link secret}. */
export interface Secret<T extends string | undefined = string | undefined> {
  readonly kind: 'secret';
  readonly help: string;
  readonly variable?: string;
  readonly minLength: number;
  readonly optional: boolean;
  readonly developmentDefault?: string;
  readonly schema?: z.ZodType<string>;
  /** Only for the type: what the field becomes. */
  readonly valueType?: T;
}

export type Field = Setting | Secret;

export interface SecretOptions {
  /** Shortest value accepted, in characters. Default 16. */
  minLength?: number;
  /** Used when the variable is unset, and refused as a value when `NODE_ENV=production`. */
  developmentDefault?: string;
  /** `true`: the context also works without it; the field is then `string | undefined`. Default false. */
  optional?: boolean;
  /** A further check of the shape, for example `z.url()`. Its messages must not repeat the value. */
  schema?: z.ZodType<string>;
  /** Full name of the variable when it is not the context's own, such as `DATABASE_URL`. */
  variable?: string;
}

/**
 * Declares an ordinary value. A schema without `.default()` or `.optional()` makes the variable mandatory.
 *
 * @param schema turns the text of the environment into the value; for truth values use `z.stringbool()`
 * @param help one line for people: what it does, in which unit
 * @param options `variable` overrides the derived name, for names the whole process shares such as `PORT`
 * @throws TypeError when the schema would read the text `false` as `true`, as `z.coerce.boolean()` does
 * @example setting(z.coerce.number().int().min(100).default(900_000), 'how long stock stays reserved, milliseconds')
 */
export function setting<T>(schema: z.ZodType<T>, help: string, options: { variable?: string } = {}): Setting<T> {
  if (schema.safeParse('false').data === true) {
    throw new TypeError('This schema reads the text "false" as true. Use z.stringbool().');
  }
  return { kind: 'setting', schema, help, ...options };
}

/**
 * Declares a secret. It is read from `NAME` or from the file named by `NAME_FILE`, never printed, and a default
 * meant for development does not start in production.
 *
 * @param help one line for people
 * @example secret('key that signs webhooks', { minLength: 32, developmentDefault: 'development-only-webhook-signing-key' })
 */
export function secret(help: string, options: SecretOptions & { optional: true }): Secret<string | undefined>;
export function secret(help: string, options?: SecretOptions): Secret<string>;
export function secret(help: string, options: SecretOptions = {}): Secret {
  return { kind: 'secret', help, minLength: 16, optional: false, ...options };
}
