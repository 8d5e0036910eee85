// Who may log in to NATS: one user per process of a topology, its replicas together. Its key stays with it; the server
// knows the public half only.
import fs from 'node:fs';
import path from 'node:path';
import { nkeys } from '@nats-io/transport-node';
import { userKey } from '../../libs/messaging/nats/user-key.ts';
import { keepSecret } from '../launch/secrets.mjs';

/**
 * @param {{ name: string, app: string, contexts: string[] }[]} processes
 * @param {(process: string) => string} publicKeyOf
 * @returns {object[]} for natsServerConfig of @holdfast/messaging
 */
export function natsUsers(processes, publicKeyOf) {
  return processes.map(({ name, app, contexts }) => ({
    name,
    contexts,
    ...(app === 'gateway' && { inbox: 'gateway' }),
    publicKey: publicKeyOf(name),
  }));
}

/**
 * The key of a process, made on first use and kept in `<folder>/<name>.seed` (0600).
 * @returns {{ seedFile: string, publicKey: string }}
 */
export function natsKey(folder, name) {
  const seedFile = path.join(folder, `${name}.seed`);
  if (!fs.existsSync(seedFile)) keepSecret(seedFile, nkeys.createUser().getSeed());
  return { seedFile, publicKey: userKey(fs.readFileSync(seedFile, 'utf8')).publicKey };
}

/** The variable of the server's environment that holds a process's public key: `NATS_USER_ORDERS`. */
export const publicKeyVariable = (name) => `NATS_USER_${name.replaceAll('-', '_').toUpperCase()}`;
