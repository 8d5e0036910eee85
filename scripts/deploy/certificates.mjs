// Certificates of the processes of a deployment, in deploy/secrets/tls: an authority, and a folder per process with what a
// Kubernetes TLS secret has (tls.crt, tls.key, ca.crt). What is there stays as long as it is of use.
import { X509Certificate, createPrivateKey } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const DAY = 24 * 3_600_000;
const LIFETIME_MS = 90 * DAY;
/** At the age of 25 days: who runs this every month renews every time, however short the month, and may forget one. */
const RENEWED_WITHIN_MS = 65 * DAY;
/** LocalAuthority would replace one that has less left, and nobody trusts a new one yet. */
const AUTHORITY_LEFT_MS = 60 * DAY;
/** Who runs in a container: Dockerfile, docker-compose.yml, the pods. */
const CONTAINER_USER = 1_000;

/**
 * Everybody with a certificate: each process by its own name and those of its contexts, and the server of NATS.
 * @param {{ name: string, app: string, contexts: string[] }[]} processes
 * @returns {{ name: string, identity: string, services: string[] }[]}
 */
export const certificateHolders = (processes) => [
  ...processes.map(({ name, app, contexts }) => ({
    name,
    identity: app === 'gateway' ? 'gateway' : name, // what others know it by (TLS_CLIENTS)
    services: [...new Set([name, ...contexts])],
  })),
  { name: 'nats-server', identity: 'nats-server', services: ['nats'] },
];

/**
 * @param {object} options
 * @param {string} options.folder of all secrets; the authority's certificate is in `<folder>/tls/ca.crt`
 * @param {{ name: string, identity: string, services: string[] }[]} options.holders from certificateHolders
 * @param {typeof import('@holdfast/security').LocalAuthority} options.LocalAuthority
 * @param {{ namespace: string, clusterDomain: string }} options.cluster
 * @param {number} [options.now] milliseconds
 * @returns {Promise<string[]>} who got a certificate, renewed ones included
 * @throws {Error} when the authority ends soon, as a new one takes several steps (deploy/README.md), or its key is missing
 */
export async function makeCertificates({ folder, holders, LocalAuthority, cluster, now = Date.now() }) {
  const tls = path.join(folder, 'tls');
  const [current, former] = ['authority', 'authority.old'].map((name) => path.join(tls, name, 'ca.crt'));
  if (fs.existsSync(current) && endOf(certificateIn(current)) - now < AUTHORITY_LEFT_MS)
    throw new Error(`${current} ends in less than 60 days. Put a new authority beside it: deploy/README.md says how.`);
  if (!fs.existsSync(current)) await LocalAuthority.in(path.dirname(current));
  const trusted = [current, former].filter((file) => fs.existsSync(file));
  const bundle = trusted.map((file) => `${fs.readFileSync(file, 'utf8').trim()}\n`).join('');
  put(path.join(tls, 'ca.crt'), bundle, 0o644);
  const made = [];
  for (const { name, identity, services } of holders) {
    const at = (file) => path.join(tls, name, file);
    const hosts = services.flatMap((service) => namesOf(service, cluster));
    if (!isOfUse(at('tls.crt'), at('tls.key'), { hosts, trusted, now })) {
      const authority = await signing(LocalAuthority, path.dirname(current));
      const { cert, key } = await authority.issue({ name: identity, hosts, lifetimeMs: LIFETIME_MS });
      putKey(at('tls.key'), key);
      put(at('tls.crt'), cert, 0o644);
      made.push(name);
    }
    put(at('ca.crt'), bundle, 0o644);
  }
  return made;
}

/** Its key may be elsewhere while nothing is issued; without it LocalAuthority would make another authority. */
function signing(LocalAuthority, folder) {
  const keyFile = path.join(folder, 'ca.key');
  if (!fs.existsSync(keyFile)) throw new Error(`${keyFile} is needed to issue certificates: put it back.`);
  return LocalAuthority.in(folder);
}

/** What a service is called by: in Compose, and at every length in a cluster. */
const namesOf = (service, { namespace, clusterDomain }) => [
  service,
  ...['', '.svc', `.svc.${clusterDomain}`].map((end) => `${service}.${namespace}${end}`),
];

/** Not about to end, with its key, for all of these names, and by an authority that everybody trusts. */
function isOfUse(file, keyFile, { hosts, trusted, now }) {
  if (!fs.existsSync(file) || !fs.existsSync(keyFile)) return false;
  const certificate = certificateIn(file);
  return (
    endOf(certificate) - now >= RENEWED_WITHIN_MS &&
    certificate.checkPrivateKey(createPrivateKey(fs.readFileSync(keyFile))) &&
    hosts.every((host) => certificate.checkHost(host)) &&
    trusted.some((authority) => certificate.verify(certificateIn(authority).publicKey))
  );
}

const certificateIn = (file) => new X509Certificate(fs.readFileSync(file));
const endOf = (certificate) => certificate.validToDate.getTime();

/**
 * For its owner only, who is the one that runs in the container. Where that cannot be, the folder of all secrets, which is
 * closed to others, has to do, as for the other secrets; a mode that somebody has set by hand stays.
 */
function putKey(file, text) {
  const me = process.getuid?.() ?? CONTAINER_USER;
  const usual = me === 0 || me === CONTAINER_USER ? 0o600 : 0o444;
  put(file, text, fs.existsSync(file) ? fs.statSync(file).mode & 0o777 : usual);
  if (me === 0) fs.chownSync(file, CONTAINER_USER, CONTAINER_USER);
}

function put(file, text, mode) {
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o755 });
  fs.writeFileSync(`${file}.draft`, text, { mode: 0o600 });
  fs.chmodSync(`${file}.draft`, mode); // whatever the umask
  fs.renameSync(`${file}.draft`, file);
}
