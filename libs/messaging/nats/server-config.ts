import { LONGEST_DEADLINE_MS } from '../query.js';
import { natsPermissions, type NatsNeeds, type NatsPermissions, type NatsUser } from './permissions.js';
import { QUESTIONS_TOGETHER } from './query-wire.js';

/** A user as the server knows it, with the key it proves itself by. */
export interface NatsServerUser extends NatsUser {
  /** For people who read the file. */
  name: string;
  /** Its public key (`U…`), or a variable of the server's environment that holds it (`$NATS_USER_ACCOUNTS`). */
  publicKey: string;
}

/** What a nats-server is told: who may come, what contexts there are, where its data go. */
export interface NatsServerOptions {
  users: readonly NatsServerUser[];
  /** All contexts there are. */
  everybody: readonly NatsNeeds[];
  /** `host:port`; default `0.0.0.0:4222`. */
  listen?: string;
  /** Where JetStream keeps its files. */
  storeDir: string;
  /** PEM files. The server's own certificate, and the authority that signed those of all clients; unset: no TLS. */
  tls?: { certFile: string; keyFile: string; caFile: string };
  /** `host:port` of the server's monitoring, for health checks; unset: none. Its answers tell subjects, not messages. */
  monitor?: string;
  /** Every message is on disk before it is acknowledged; needs NATS 2.10. Default false: within two minutes. */
  syncAlways?: boolean;
  /** The command that makes it again, for people who read the file. */
  madeBy?: string;
}

/**
 * The configuration of a nats-server that knows every user by its public key and keeps each to its own subjects. Whoever
 * has no key is refused. The server learns no secret but its own TLS key.
 *
 * Needs NATS 2.9. It has one account and no `accounts` block: beside `authorization` one would let anybody in (CVE-2023-47090).
 *
 * @returns text for `nats-server -c`
 * @example
 * const [accounts] = manifests;
 * natsServerConfig({ users: [{ name: 'accounts', contexts: ['accounts'], publicKey }], everybody: manifests, storeDir: '/data' });
 */
export function natsServerConfig({
  users,
  everybody,
  listen = '0.0.0.0:4222',
  storeDir,
  tls,
  monitor,
  syncAlways = false,
  madeBy,
}: NatsServerOptions): string {
  return [
    `# Generated${madeBy ? `: ${madeBy}` : ''}. Do not edit.`,
    `listen: ${quoted(listen)}`,
    'server_name: "holdfast"',
    ...(monitor ? [`http: ${quoted(monitor)}`] : []),
    `jetstream { store_dir: ${quoted(storeDir)}${syncAlways ? ', sync_interval: always' : ''} }`,
    ...(tls ? tlsBlock(tls) : []),
    'authorization {',
    '  timeout: 5',
    '  users: [',
    ...users.flatMap((user) => userBlock(user, natsPermissions(user, everybody))),
    '  ]',
    '}',
    '',
  ].join('\n');
}

/** Both sides show a certificate; who a client is, its key says. */
function tlsBlock({ certFile, keyFile, caFile }: NonNullable<NatsServerOptions['tls']>): string[] {
  return [
    'tls {',
    `  cert_file: ${quoted(certFile)}`,
    `  key_file: ${quoted(keyFile)}`,
    `  ca_file: ${quoted(caFile)}`,
    '  verify: true',
    '  timeout: 5',
    '}',
  ];
}

/** The questions of one message are answered as they are ready: at most by a reply each. */
function userBlock({ name, publicKey }: NatsServerUser, { publish, subscribe, responds }: NatsPermissions): string[] {
  return [
    `    { # ${name}`,
    `      nkey: ${publicKey.startsWith('$') ? publicKey : quoted(publicKey)}`,
    '      permissions: {',
    ...subjects('publish', publish),
    ...subjects('subscribe', subscribe),
    ...(responds
      ? [`        allow_responses: { max: ${QUESTIONS_TOGETHER}, expires: "${LONGEST_DEADLINE_MS / 1_000}s" }`]
      : []),
    '      }',
    '    }',
  ];
}

/** An empty list of what is allowed would allow everything. */
function subjects(what: string, allowed: readonly string[]): string[] {
  if (allowed.length === 0) return [`        ${what}: { deny: ">" }`];
  return [`        ${what}: { allow: [`, ...allowed.map((subject) => `          ${quoted(subject)}`), '        ] }'];
}

const quoted = (text: string) => JSON.stringify(text);
