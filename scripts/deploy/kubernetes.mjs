// npm run deploy:kubernetes -- topology/NAME.yaml [--tls external]: writes deploy/kubernetes/NAME/, ready for `kubectl apply
// -k`, the configuration of its NATS for the compose file, and what Prometheus is to scrape. Processes have certificates of
// their own; with --tls external a mesh encrypts what they say. Assumptions about the cluster: kubernetes/settings.mjs.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { format } from 'oxfmt';
import { build } from '../build.mjs';
import { root } from '../launch/app.mjs';
import { readManifests } from '../topology/read-manifests.mjs';
import { readTopology } from '../topology/read-topology.mjs';
import { manifestsFor, toYaml } from './kubernetes/render.mjs';
import { tlsMode } from './kubernetes/settings.mjs';

/**
 * @param {object} topology from readTopology
 * @param {object[]} manifests
 * @param {(options: object) => string} natsServerConfig
 * @param {'own' | 'external'} [tls] default `own`
 * @returns {Promise<Record<string, string>>} text by path below deploy/
 */
export async function renderDeployment(topology, manifests, natsServerConfig, tls = 'own') {
  const { files, natsConf, scrapes } = manifestsFor(topology, manifests, natsServerConfig, tls);
  const { printWidth, singleQuote } = JSON.parse(fs.readFileSync(path.join(root, '.oxfmtrc.json'), 'utf8'));
  const yaml = async (objects) =>
    (await format('any.yaml', toYaml(objects, topology.name), { printWidth, singleQuote })).code;
  const texts = await Promise.all(
    Object.entries(files).map(async ([name, objects]) => [`kubernetes/${topology.name}/${name}`, await yaml(objects)]),
  );
  return {
    ...Object.fromEntries(texts),
    [`observability/prometheus-${topology.name}.yaml`]: await yaml([scrapes]),
    ...(natsConf && tls === 'own' && { [`nats/${topology.name}.conf`]: natsConf }),
  };
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { tls: { type: 'string' } }, allowPositionals: true });
  const [file] = positionals;
  if (!file) throw new Error('Which topology? For example: npm run deploy:kubernetes -- topology/split.yaml');
  const tls = tlsMode(values.tls);
  await build();
  const { natsServerConfig } = await import(path.join(root, 'dist/libs/messaging/index.js'));
  const topology = readTopology(file);
  const files = await renderDeployment(topology, await readManifests(), natsServerConfig, tls);
  fs.rmSync(path.join(root, 'deploy/kubernetes', topology.name), { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    const target = path.join(root, 'deploy', name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
    console.log(`  deploy/${name}`);
  }
}
