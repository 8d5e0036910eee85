// npm run deploy:secrets [-- topology/split.yaml] [--tls external]: makes what is missing below deploy/secrets, one folder per
// owner and one file per variable, and says how Kubernetes gets them. What is there already stays: put real ones in before or
// after. Certificates that end within 65 days are renewed; --tls external makes none, for a mesh that has its own.
// DATABASE_URL=… for a PostgreSQL other than the compose file's; refused when there is another one already.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../build.mjs';
import { resolveProcesses } from '../topology/check-topology.mjs';
import { natsKey, publicKeyVariable } from '../topology/nats-users.mjs';
import { readManifests } from '../topology/read-manifests.mjs';
import { readTopology } from '../topology/read-topology.mjs';
import { certificateHolders, makeCertificates } from './certificates.mjs';
import { settings, tlsMode } from './kubernetes/settings.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * @param {object} options
 * @param {string} options.folder below which the secrets are
 * @param {{ name: string, needs: { secrets: string[] } }[]} options.manifests
 * @param {(adminUrl: string, context: string) => string} options.roleUrl
 * @param {string} [options.databaseUrl] an administrator's; default that of the compose file's PostgreSQL
 * @returns {{ owners: string[], made: string[] }} every folder, and the files that were missing
 * @throws {Error} when another administrator's URL is there already
 */
export function makeSecrets({ folder, manifests, roleUrl, databaseUrl }) {
  const made = [];
  // The folder is its owner's; the files in it may be read by the container they are mounted into, whoever runs that.
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keep = (owner, variable, make) => {
    const file = path.join(folder, owner, variable);
    if (!fs.existsSync(file)) {
      fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
      fs.writeFileSync(file, make(), { mode: 0o444, flag: 'wx' });
      made.push(`${owner}/${variable}`);
    }
    return fs.readFileSync(file, 'utf8').trim();
  };
  const random = () => randomBytes(32).toString('base64url');
  const password = keep('database', 'POSTGRES_PASSWORD', random);
  const adminUrl = keep(
    'database',
    'DATABASE_URL',
    () => databaseUrl || `postgres://postgres:${password}@postgres:5432/holdfast`,
  );
  if (databaseUrl && databaseUrl !== adminUrl) {
    throw new Error(
      `DATABASE_URL is another one than in ${folder}, which stays. Unset it, or delete the old one and what was made of it:\n` +
        `rm ${path.join(folder, 'database', 'DATABASE_URL')} ${path.join(folder, '*', '*_DATABASE_URL')}`,
    );
  }
  for (const { name, needs } of manifests)
    for (const variable of needs.secrets)
      keep(name, variable, () => (variable.endsWith('_DATABASE_URL') ? roleUrl(adminUrl, name) : random()));
  keep('grafana', 'GRAFANA_ADMIN_PASSWORD', random);
  return { owners: ['database', ...manifests.map(({ name }) => name), 'grafana'], made };
}

/**
 * A key per process for NATS; the server is told the public halves, in `<folder>/nats/public-keys.env`.
 * @param {{ folder: string, processes: { name: string }[] }} options
 */
export function makeNatsKeys({ folder, processes }) {
  const keys = path.join(folder, 'nats');
  const lines = processes.map(({ name }) => {
    const { seedFile, publicKey } = natsKey(keys, name);
    fs.chmodSync(seedFile, 0o444);
    return `${publicKeyVariable(name)}=${publicKey}\n`;
  });
  fs.writeFileSync(path.join(keys, 'public-keys.env'), lines.join(''), { mode: 0o644 });
}

/**
 * The gateway's key, and its public half for everybody behind it; more than one public key while a new one takes over.
 * @param {{ folder: string }} options
 */
export function makeTokenKeys({ folder }) {
  const file = path.join(folder, 'gateway', 'INTERNAL_TOKEN_KEY');
  if (fs.existsSync(file)) return;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const files = [
    ['identity', 'INTERNAL_TOKEN_PUBLIC_KEYS', publicKey.export({ type: 'spki', format: 'pem' })],
    ['gateway', 'INTERNAL_TOKEN_KEY', privateKey.export({ type: 'pkcs8', format: 'pem' })],
  ];
  for (const [owner, variable, pem] of files) {
    fs.mkdirSync(path.join(folder, owner), { recursive: true, mode: 0o755 });
    fs.writeFileSync(path.join(folder, owner, variable), pem, { mode: 0o444 });
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { tls: { type: 'string' } }, allowPositionals: true });
  const isOwn = tlsMode(values.tls) === 'own';
  await build();
  const { roleUrl } = await import(path.join(root, 'dist/libs/database/role-url.js'));
  const { LocalAuthority } = await import(path.join(root, 'dist/libs/security/certificates/local-authority.js'));
  const folder = path.join(root, 'deploy/secrets');
  const manifests = await readManifests();
  const { owners, made } = makeSecrets({ folder, manifests, roleUrl, databaseUrl: process.env.DATABASE_URL });
  const processes = resolveProcesses(readTopology(positionals[0] ?? 'topology/split.yaml'), manifests);
  const many = processes.length > 1;
  if (many) {
    makeNatsKeys({ folder, processes });
    makeTokenKeys({ folder });
  }
  const holders = many && isOwn ? certificateHolders(processes) : [];
  if (isOwn) {
    const issued = await makeCertificates({ folder, holders, LocalAuthority, cluster: settings });
    made.push(...issued.map((name) => `tls/${name}/tls.crt`));
  }
  for (const one of made) console.log(`  made ${path.join('deploy/secrets', one)}`);
  if (made.length === 0) console.log('  everything is there');
  console.log(`\nFor Kubernetes:\n${kubernetesCommands(owners, processes, holders).join('\n')}`);
}

/**
 * How Kubernetes gets what was made: Secrets of these names.
 * @returns {string[]}
 */
export function kubernetesCommands(owners, processes, holders) {
  const create = (what, name, from) => `  kubectl -n ${settings.namespace} create ${what} ${name} --${from}`;
  const all = processes.length === 1 ? owners : [...owners, 'gateway', 'identity'];
  const secrets = all
    .filter((owner) => owner !== 'grafana')
    .map((owner) => create('secret generic', `holdfast-${owner}`, `from-file=deploy/secrets/${owner}`));
  if (processes.length === 1) return secrets;
  const seeds = processes.map(({ name }) =>
    create('secret generic', `holdfast-nats-${name}`, `from-file=seed=deploy/secrets/nats/${name}.seed`),
  );
  const keys = create('configmap', 'holdfast-nats-keys', 'from-env-file=deploy/secrets/nats/public-keys.env');
  const certificates = holders.map(({ name }) =>
    create('secret generic', `holdfast-tls-${name}`, `type=kubernetes.io/tls --from-file=deploy/secrets/tls/${name}`),
  );
  return [...secrets, ...seeds, keys, ...certificates];
}
