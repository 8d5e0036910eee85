import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { isGiven } from './given.mjs';

/** What a payment provider and the context that pays have in common. */
export const PROVIDER_SECRETS = ['ACME_API_KEY', 'ACME_WEBHOOK_SECRET', 'GLOBEX_API_KEY', 'GLOBEX_WEBHOOK_SECRET'];

/**
 * What the shop and the payment providers share, generated on first use and kept in `<dataDir>/secrets/providers`
 * (0600). Only what was not given, as a value or as a file: an app refuses both.
 * @param {Record<string, string | undefined>} [env] what is set already
 * @returns {Record<string, string>}
 */
export function providerSecrets(dataDir, env = process.env) {
  const file = path.join(dataDir, 'secrets', 'providers');
  if (!fs.existsSync(file)) {
    const generated = Object.fromEntries(PROVIDER_SECRETS.map((name) => [name, randomBytes(32).toString('base64url')]));
    keepSecret(file, JSON.stringify(generated, null, 2));
  }
  const kept = JSON.parse(fs.readFileSync(file, 'utf8'));
  return Object.fromEntries(PROVIDER_SECRETS.filter((name) => !isGiven(env, name)).map((name) => [name, kept[name]]));
}

/**
 * The key by which a gateway vouches for users towards the contexts: INTERNAL_TOKEN_KEY or INTERNAL_TOKEN_KEY_FILE, else
 * one that is generated on first use and kept in `<dataDir>/secrets/internal-token.pem` (0600).
 *
 * @param {Record<string, string | undefined>} env what is set already
 * @returns {{ gateway: Record<string, string>, contexts: Record<string, string> }} variables: those of the gateway alone,
 *   and those of the processes behind it, which hold the public half and hide the private one
 */
export function internalTokenKeys(dataDir, env) {
  const file = env.INTERNAL_TOKEN_KEY_FILE || path.join(dataDir, 'secrets', 'internal-token.pem');
  const given = env.INTERNAL_TOKEN_KEY || env.INTERNAL_TOKEN_KEY_FILE;
  if (!given && !fs.existsSync(file))
    keepSecret(file, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return {
    gateway: env.INTERNAL_TOKEN_KEY ? {} : { INTERNAL_TOKEN_KEY_FILE: file },
    contexts: {
      INTERNAL_TOKEN_KEY: '',
      INTERNAL_TOKEN_KEY_FILE: '',
      ...(!isGiven(env, 'INTERNAL_TOKEN_PUBLIC_KEYS') && {
        INTERNAL_TOKEN_PUBLIC_KEYS: publicHalf(env.INTERNAL_TOKEN_KEY, file),
      }),
    },
  };
}

function publicHalf(text, file) {
  const key = createPrivateKey(text || fs.readFileSync(file));
  return createPublicKey(key).export({ type: 'spki', format: 'pem' });
}

/** Writes a secret that only this user may read (0600), at once or not at all. */
export function keepSecret(file, text) {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.writeFileSync(`${file}.draft`, text, { mode: 0o600 });
  fs.renameSync(`${file}.draft`, file);
}
