// What each process of a topology is told: the secrets of what it mounts, its own key and certificate, nothing of others.
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../launch/app.mjs';
import { missingRoleUrls } from '../launch/given.mjs';
import { databaseVariable, ownSettings } from '../launch/own-settings.mjs';
import { tlsSettings } from './certificates.mjs';

/** What a gateway alone is given. */
const SIGNING = ['INTERNAL_TOKEN_KEY'];

/**
 * @param {object} options
 * @param {object} options.support
 * @param {object[]} options.manifests
 * @param {string | undefined} options.natsUrl unset: everything is in one process
 * @param {(name: string) => string | undefined} options.seedFileOf where a process's key for NATS is
 * @param {object | undefined} options.certificates
 * @param {object | undefined} options.tokenKeys of internalTokenKeys: the gateway signs, the others verify
 * @param {Record<string, string[]>} options.targets
 * @returns {Promise<(place: object) => Record<string, string>>} the whole environment of a process
 */
export async function processSettings({ support, manifests, natsUrl, seedFileOf, certificates, tokenKeys, targets }) {
  const { roleUrl } = await import(path.join(root, 'dist/libs/database/role-url.js'));
  const targetsFile = writeTargets(support.dataDir, targets);
  const secretsOf = (contexts) => manifests.filter(({ name }) => contexts.includes(name)).flatMap((one) => one.secrets);
  const given = { ...process.env, ...support.env };
  return ({ process: user, name, identity, app, contexts, port }) => {
    const seedFile = seedFileOf(user);
    const natsKey = seedFile ? [] : ['NATS_NKEY_SEED']; // somebody else's server: the key that was given for it
    return {
      ...ownSettings(given, [
        ...secretsOf(contexts),
        ...contexts.map(databaseVariable),
        ...(natsUrl ? natsKey : []),
        ...(app === 'gateway' ? SIGNING : []),
      ]),
      PORT: String(port),
      DATABASE_URL: '', // the administrator's
      NATS_URL: natsUrl ?? '',
      // Found by NATS; the file is what counts until NATS has spoken, and instead of it with DISCOVERY=file.
      ...(natsUrl && { DISCOVERY: given.DISCOVERY || 'nats' }),
      HOLDFAST_PROCESS: name,
      CONTEXTS: contexts.join(','),
      ...missingRoleUrls(given, contexts, (one) => roleUrl(support.databaseUrl, one)),
      ...(natsUrl && seedFile && { NATS_NKEY_SEED_FILE: seedFile }),
      ...(certificates && tlsSettings(certificates.pathsOf(identity))),
      ...(app === 'gateway' && { ...tokenKeys.gateway, HOLDFAST_TARGETS: targetsFile }),
      // Behind a gateway nobody outside this machine talks to a context.
      ...(natsUrl && app !== 'gateway' && { HOST: '127.0.0.1', EDGE: 'gateway', ...tokenKeys.contexts }),
      ...(!natsUrl && { EDGE: 'here' }),
    };
  };
}

function writeTargets(dataDir, targets) {
  const file = path.join(dataDir, 'targets.json');
  fs.writeFileSync(`${file}.draft`, JSON.stringify(targets, null, 2));
  fs.renameSync(`${file}.draft`, file);
  return file;
}
