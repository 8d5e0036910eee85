import { readFileSync } from 'node:fs';
import type { ConfigurationFault } from './configuration-error.js';
import type { Environment } from './environment.js';
import type { Secret } from './setting.js';

/** Values that stand in tutorials and compose files, and therefore in every attacker's list. */
const NOTORIOUS = new Set(['changeme', 'change-me', 'secret', 'password', 'postgres', 'admin', 'default', 'example']);

export type Source = 'environment' | 'file' | 'default' | 'unset';

export type Reading = { value: string | undefined; source: Source } | { fault: ConfigurationFault };

/** Reads a secret from its variable or its file and applies the rules for secrets. */
export function readSecret(field: Secret, variable: string, env: Environment): Reading {
  const given = readText(variable, env);
  if ('fault' in given) return given;
  const production = env.NODE_ENV === 'production';
  const fault = (problem: string, remedy: string): Reading => ({ fault: { variable, problem, remedy } });

  if (given.value === undefined) {
    if (field.developmentDefault !== undefined && !production) {
      return { value: field.developmentDefault, source: 'default' };
    }
    if (field.optional) return given;
    return fault('missing', `Set ${variable} or ${variable}_FILE: ${field.help}.`);
  }
  if (production && isDevelopmentValue(given.value, field)) {
    return fault('is a known development default', `Give ${variable} a value of its own in production.`);
  }
  if (given.value.length < field.minLength) {
    return fault(`is shorter than ${field.minLength} characters`, `Use at least ${field.minLength} random characters.`);
  }
  const shape = field.schema?.safeParse(given.value);
  if (shape?.success === false) return fault('does not have the expected form', `Expected: ${field.help}.`);
  return given;
}

function isDevelopmentValue(value: string, field: Secret): boolean {
  return value === field.developmentDefault || NOTORIOUS.has(value.toLowerCase());
}

function readText(variable: string, env: Environment): Reading {
  const direct = env[variable] || undefined;
  const path = env[`${variable}_FILE`] || undefined;
  if (path === undefined) return { value: direct, source: direct === undefined ? 'unset' : 'environment' };
  if (direct !== undefined) {
    const remedy = `Keep one of them; the file is the safer one.`;
    return { fault: { variable, problem: `both ${variable} and ${variable}_FILE are set`, remedy } };
  }
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    return { value: text || undefined, source: text ? 'file' : 'unset' };
  } catch (error) {
    const problem = `cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
    const remedy = `Point ${variable}_FILE to a file this process may read.`;
    return { fault: { variable: `${variable}_FILE`, problem, remedy } };
  }
}
