// What whoever starts something has given: a secret as a value, or as a file that holds it. An empty one counts as unset.
import fs from 'node:fs';
import { databaseVariable } from './own-settings.mjs';

/** Whether `NAME` or `NAME_FILE` is set: then nobody may make one up, as an app refuses both. */
export const isGiven = (env, name) => Boolean(env[name] || env[`${name}_FILE`]);

/**
 * Whoever launches looks at DATABASE_URL only, so a DATABASE_URL_FILE is read into it, once.
 * @param {Record<string, string | undefined>} env is changed
 * @throws {Error} when both are set, or the file holds nothing
 */
export function takeDatabaseUrl(env) {
  const file = env.DATABASE_URL_FILE;
  if (!file) return;
  if (env.DATABASE_URL) throw new Error('Both DATABASE_URL and DATABASE_URL_FILE are set. Unset one of them.');
  env.DATABASE_URL = contentOf(file);
  delete env.DATABASE_URL_FILE;
}

function contentOf(file) {
  try {
    const text = fs.readFileSync(file, 'utf8').trim();
    if (text) return text;
  } catch (error) {
    throw new Error(`DATABASE_URL_FILE: ${file} cannot be read (${error.code}).`, { cause: error });
  }
  throw new Error(`DATABASE_URL_FILE: ${file} is empty.`);
}

/**
 * The URLs by which contexts log in as their roles, for those that were given none.
 * @param {Record<string, string | undefined>} env
 * @param {readonly string[]} contexts
 * @param {(context: string) => string} urlOf
 * @returns {Record<string, string>}
 */
export const missingRoleUrls = (env, contexts, urlOf) =>
  Object.fromEntries(
    contexts
      .filter((context) => !isGiven(env, databaseVariable(context)))
      .map((context) => [databaseVariable(context), urlOf(context)]),
  );
