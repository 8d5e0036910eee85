// What a process is told: everything that is no secret, and of the secrets only its own.

/** Names that secrets go by, here and in a developer's shell; `…_FILE` names a file that holds one. */
const SECRET =
  /(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|KEY|SEED|CREDENTIALS|DATABASE_URL|DSN)(?:_FILE)?$|^PG(?:PASS|SERVICE)|^NPM_CONFIG__/i;

/**
 * @param {Record<string, string | undefined>} env
 * @param {readonly string[]} own secrets that stay; `NAME` keeps `NAME_FILE` as well
 * @returns {Record<string, string>}
 */
export function ownSettings(env, own = []) {
  const kept = new Set(own.flatMap((name) => [name, `${name}_FILE`]));
  const entries = Object.entries(env).filter(
    ([name, value]) => value !== undefined && (kept.has(name) || !SECRET.test(name)),
  );
  return Object.fromEntries(entries);
}

/** `orders` → `ORDERS_DATABASE_URL` */
export const databaseVariable = (context) => `${context.replaceAll('-', '_').toUpperCase()}_DATABASE_URL`;
