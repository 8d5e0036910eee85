// npm run deploy:kubernetes -- topology/NAME.yaml: writes deploy/kubernetes/NAME/, ready for `kubectl apply -k`, and the
// configuration of its NATS for the compose file. Assumptions about the cluster are in kubernetes/settings.mjs.
import fs from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import { build } from '../build.mjs';
import { root } from '../launch/app.mjs';
import { readManifests } from '../topology/read-manifests.mjs';
import { readTopology } from '../topology/read-topology.mjs';
import { manifestsFor, toYaml } from './kubernetes/render.mjs';

/**
 * @param {object} topology from readTopology
 * @param {object[]} manifests
 * @param {(options: object) => string} natsServerConfig
 * @returns {Promise<Record<string, string>>} text by path below deploy/
 */
export async function renderDeployment(topology, manifests, natsServerConfig) {
  const { files, natsConf } = manifestsFor(topology, manifests, natsServerConfig);
  const style = await resolveConfig(path.join(root, 'deploy/kubernetes/any.yaml'));
  const rendered = await Promise.all(
    Object.entries(files).map(async ([name, objects]) => [
      `kubernetes/${topology.name}/${name}`,
      await format(toYaml(objects, topology.name), { ...style, parser: 'yaml' }),
    ]),
  );
  return { ...Object.fromEntries(rendered), ...(natsConf && { [`nats/${topology.name}.conf`]: natsConf }) };
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (!file) throw new Error('Which topology? For example: npm run deploy:kubernetes -- topology/split.yaml');
  await build();
  const { natsServerConfig } = await import(path.join(root, 'dist/libs/messaging/index.js'));
  const topology = readTopology(file);
  const files = await renderDeployment(topology, await readManifests(), natsServerConfig);
  fs.rmSync(path.join(root, 'deploy/kubernetes', topology.name), { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    const target = path.join(root, 'deploy', name);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
    console.log(`  deploy/${name}`);
  }
}
