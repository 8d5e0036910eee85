import { variableName, type ConfigDefinition } from './definition.js';
import { acceptsUnset, type LoadedConfig } from './load-config.js';
import type { Field } from './setting.js';

/** One variable as shown to people. Secrets appear as `[secret]`. */
export interface ConfigDescription {
  readonly context: string;
  readonly variable: string;
  readonly help: string;
  readonly secret: boolean;
  readonly required: boolean;
  readonly default?: string;
  /** Only when loaded values were given. */
  readonly value?: string;
  readonly source?: string;
}

/**
 * Lists every variable, for `config:print` (with `loaded`) and for `.env.example` (without).
 *
 * Of an address with a user and a password, only the rest is shown.
 *
 * @param loaded adds the present value and where it came from; secrets stay hidden, defaults of secrets too
 * @example describeConfig([inventoryConfig], loadConfig([inventoryConfig], process.env))
 */
export function describeConfig(definitions: readonly ConfigDefinition[], loaded?: LoadedConfig): ConfigDescription[] {
  return definitions.flatMap(({ context, fields }) =>
    Object.entries(fields).map(([name, field]) => {
      const present = loaded?.field(context, name);
      return {
        context,
        variable: variableName(context, name, field),
        help: field.help,
        secret: field.kind === 'secret',
        required: isRequired(field),
        ...defaultOf(field),
        ...(present && { value: show(field, present.value), source: present.source }),
      };
    }),
  );
}

/**
 * Text of a `.env.example`: every variable with its explanation. What has a default is commented out.
 * @example writeFileSync('.env.example', envExample(definitions))
 */
export function envExample(definitions: readonly ConfigDefinition[]): string {
  const sections = definitions.map((definition) => {
    const entries = describeConfig([definition]).map(({ help, variable, secret, required, default: byDefault }) => {
      const note = secret ? ` (secret; or ${variable}_FILE)` : '';
      return `# ${help}${note}\n${required ? '' : '# '}${variable}=${secret ? '' : (byDefault ?? '')}`;
    });
    return [`# --- ${definition.context} ---`, ...entries].join('\n');
  });
  return `${sections.join('\n\n')}\n`;
}

function isRequired(field: Field): boolean {
  if (field.kind === 'setting') return !acceptsUnset(field);
  return !field.optional && field.developmentDefault === undefined;
}

function defaultOf(field: Field): { default?: string } {
  if (field.kind === 'secret') return field.developmentDefault === undefined ? {} : { default: '[development only]' };
  if (!acceptsUnset(field)) return {};
  const value = field.schema.safeParse(undefined).data;
  return value === undefined ? {} : { default: asText(value) };
}

/** What stands before the `@` of an address, or of each in a list; the scheme may be missing. */
const USER_INFO = /(?<=:\/\/)[^/?#\s]*@|(?<=^|,)[^/?#\s,@]+:[^/?#\s]*@/g;

function show(field: Field, value: unknown): string {
  if (value === undefined) return '';
  return field.kind === 'secret' ? '[secret]' : asText(value).replace(USER_INFO, '[secret]@');
}

/** As a variable says it: the items of a list with commas between them. */
function asText(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
