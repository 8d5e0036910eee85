import { ConfigurationError, type ConfigurationFault } from './configuration-error.js';
import { variableName, type ConfigDefinition, type Fields, type ValuesOf } from './definition.js';
import type { Environment } from './environment.js';
import { readSecret, type Source } from './read-secret.js';
import type { Field, Setting } from './setting.js';

/** What was loaded for one field. */
export interface LoadedField {
  readonly value: unknown;
  readonly source: Source;
}

/** Checked values of every definition given to {@link loadConfig}. */
export class LoadedConfig {
  constructor(private readonly contexts: ReadonlyMap<string, ReadonlyMap<string, LoadedField>>) {}

  /**
   * Frozen values of one definition.
   * @throws Error when the definition was not among the loaded ones
   */
  get<F extends Fields>(definition: ConfigDefinition<F>): ValuesOf<F> {
    const fields = this.contexts.get(definition.context);
    if (!fields) throw new Error(`The configuration "${definition.context}" was not given to loadConfig().`);
    return Object.freeze(
      Object.fromEntries([...fields].map(([name, { value }]) => [name, value])),
    ) as unknown as ValuesOf<F>;
  }

  /** Value and origin of one field, for printing. */
  field(context: string, name: string): LoadedField | undefined {
    return this.contexts.get(context)?.get(name);
  }

  /** Every secret's text, for the log redactor. Keep it in memory only. */
  secretValues(definitions: readonly ConfigDefinition[]): string[] {
    return definitions
      .flatMap(({ context, fields }) =>
        Object.entries(fields)
          .filter(([, field]) => field.kind === 'secret')
          .map(([name]) => this.field(context, name)?.value),
      )
      .filter((value): value is string => typeof value === 'string');
  }
}

/**
 * Reads and checks all definitions together. An empty variable counts as unset.
 *
 * @param definitions what the mounted contexts and libraries declared
 * @param env usually `withDotEnv('.env', process.env)`
 * @param found faults that somebody else found, such as settings that do not go together: told with the rest
 * @throws ConfigurationError with every fault: missing, invalid, unreadable file, `X` next to `X_FILE`, a development
 *   default in production, two fields claiming one variable
 * @example const config = loadConfig([inventoryConfig, paymentsConfig], process.env).get(inventoryConfig);
 */
export function loadConfig(
  definitions: readonly ConfigDefinition[],
  env: Environment,
  found: readonly ConfigurationFault[] = [],
): LoadedConfig {
  const faults: ConfigurationFault[] = [...collisions(definitions), ...found];
  const contexts = new Map<string, Map<string, LoadedField>>();
  for (const { context, fields } of definitions) {
    const values = new Map<string, LoadedField>();
    for (const [name, field] of Object.entries(fields)) {
      const variable = variableName(context, name, field);
      const read = field.kind === 'secret' ? readSecret(field, variable, env) : readSetting(field, variable, env);
      if ('fault' in read) faults.push(read.fault);
      else values.set(name, read);
    }
    contexts.set(context, values);
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return new LoadedConfig(contexts);
}

function readSetting(field: Setting, variable: string, env: Environment): LoadedField | { fault: ConfigurationFault } {
  const text = env[variable] || undefined;
  if (text === undefined && !acceptsUnset(field)) {
    return { fault: { variable, problem: 'missing', remedy: `Set ${variable}: ${field.help}.` } };
  }
  const parsed = field.schema.safeParse(text);
  if (parsed.success) return { value: parsed.data, source: text === undefined ? 'default' : 'environment' };
  const problem = parsed.error.issues.map(({ message }) => message).join('; ');
  return { fault: { variable, problem, remedy: `Correct ${variable}: ${field.help}.` } };
}

/** Asked of the schema's declared input, because `z.coerce.string()` would happily read "undefined". */
export function acceptsUnset(field: Setting): boolean {
  return field.schema._zod.optin !== undefined;
}

function* collisions(definitions: readonly ConfigDefinition[]): Generator<ConfigurationFault> {
  const owners = new Map<string, string>();
  const contexts = new Set<string>();
  for (const { context, fields } of definitions) {
    if (contexts.has(context)) {
      const remedy = 'Give each definition a name of its own.';
      yield { variable: context, problem: 'two configurations have this name', remedy };
    }
    contexts.add(context);
    for (const [name, field] of Object.entries(fields)) {
      const owner = `${context}.${name}`;
      for (const variable of variablesOf(context, name, field)) {
        const other = owners.get(variable);
        if (other) {
          const remedy = 'Rename one of the fields, so that no context reads the value of another.';
          yield { variable, problem: `claimed by ${other} and by ${owner}`, remedy };
        }
        owners.set(variable, owner);
      }
    }
  }
}

function variablesOf(context: string, name: string, field: Field): string[] {
  const variable = variableName(context, name, field);
  return field.kind === 'secret' ? [variable, `${variable}_FILE`] : [variable];
}
