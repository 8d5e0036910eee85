import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** What a payment provider and the context that pays have in common. */
export const PROVIDER_SECRETS = ['ACME_API_KEY', 'ACME_WEBHOOK_SECRET', 'GLOBEX_API_KEY', 'GLOBEX_WEBHOOK_SECRET'];

/**
 * What the shop and the payment providers share, generated on first use and kept in `<dataDir>/secrets/providers`
 * (0600). A variable that is set already wins.
 * @returns {Record<string, string>}
 */
export function providerSecrets(dataDir) {
  const file = path.join(dataDir, 'secrets', 'providers');
  if (!fs.existsSync(file)) {
    const generated = Object.fromEntries(PROVIDER_SECRETS.map((name) => [name, randomBytes(32).toString('base64url')]));
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.writeFileSync(`${file}.draft`, JSON.stringify(generated, null, 2), { mode: 0o600 });
    fs.renameSync(`${file}.draft`, file);
  }
  const kept = JSON.parse(fs.readFileSync(file, 'utf8'));
  return Object.fromEntries(PROVIDER_SECRETS.map((name) => [name, process.env[name] ?? kept[name]]));
}
