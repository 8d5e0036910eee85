import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigurationError } from './configuration-error.js';

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Adds the variables of a `.env` file that the real environment does not set. Changes nothing outside its result:
 * `process.env` stays as it was, so child processes do not inherit the file's secrets.
 *
 * @param path of the file; a missing file is no fault
 * @throws ConfigurationError when the file is there but cannot be read
 * @example loadConfig(definitions, withDotEnv('.env', process.env))
 */
export function withDotEnv(path: string, env: Environment): Environment {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return env;
    const remedy = 'Make it readable for this process, or remove it.';
    throw new ConfigurationError([{ variable: path, problem: `cannot be read (${code})`, remedy }]);
  }
  const real = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  return { ...parseEnv(text), ...real };
}
