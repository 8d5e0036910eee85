// npm run nats:config -- topology/split.yaml [options]: prints the configuration of a nats-server for a topology, with one
// user per process and exactly the subjects it needs. For a server that somebody else starts; deploy:kubernetes
// makes those of Compose and Kubernetes.
//
//   --keys DIR     a key per process in DIR/<process>.seed (0600), made when missing; give each process its own as
//                  NATS_NKEY_SEED_FILE. Without it the server reads public keys from its environment: NATS_USER_<PROCESS>
//   --public-keys  with --keys: prints NATS_USER_<PROCESS>=U… lines instead, for that environment
//   --tls DIR      demands TLS with certificates on both sides; the server's are DIR/tls.crt, DIR/tls.key and DIR/ca.crt
//   --store DIR    where JetStream keeps its files (default /data)
//   --listen ADDR  default 0.0.0.0:4222
//   --out FILE     writes there instead of printing
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { root } from './launch/app.mjs';
import { resolveProcesses } from './topology/check-topology.mjs';
import { natsKey, natsUsers, publicKeyVariable } from './topology/nats-users.mjs';
import { readManifests } from './topology/read-manifests.mjs';
import { readTopology } from './topology/read-topology.mjs';

const text = { type: 'string' };
const { values: asked, positionals } = parseArgs({
  options: {
    keys: text,
    tls: text,
    store: { ...text, default: '/data' },
    listen: { ...text, default: '0.0.0.0:4222' },
    out: text,
    'public-keys': { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [file = 'topology/split.yaml'] = positionals;

await build();
const { natsServerConfig } = await import(path.join(root, 'dist/libs/messaging/nats/server-config.js'));
const manifests = await readManifests();
const processes = resolveProcesses(readTopology(file), manifests);
const keyOf = (name) => (asked.keys ? natsKey(asked.keys, name).publicKey : `$${publicKeyVariable(name)}`);
const users = natsUsers(processes, keyOf);
const written = asked['public-keys']
  ? users.map(({ name, publicKey }) => `${publicKeyVariable(name)}=${publicKey}\n`).join('')
  : natsServerConfig({
      users,
      everybody: manifests,
      listen: asked.listen,
      storeDir: asked.store,
      madeBy: 'npm run nats:config',
      ...(asked.tls && { tls: tlsFiles(asked.tls) }),
    });
if (asked.out) fs.writeFileSync(asked.out, written);
else process.stdout.write(written);

function tlsFiles(folder) {
  const [certFile, keyFile, caFile] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => path.posix.join(folder, name));
  return { certFile, keyFile, caFile };
}
