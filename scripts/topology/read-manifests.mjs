import fs from 'node:fs';
import path from 'node:path';
import { buildId, writeAtomically } from '../build.mjs';
import { root, startApp } from '../launch/app.mjs';

const KEPT = path.join(root, 'dist', '.manifests.json');

/**
 * What every context says about itself. Asked of the built contexts, once per build: they cannot change their minds.
 * @returns {Promise<object[]>}
 */
export async function readManifests() {
  const build = buildId();
  const kept = read();
  if (kept?.build === build) return kept.manifests;
  const manifests = await askContexts();
  keep({ build, manifests });
  return manifests;
}

function read() {
  try {
    return JSON.parse(fs.readFileSync(KEPT, 'utf8'));
  } catch {
    return undefined; // nothing kept, or cut off
  }
}

function keep(answers) {
  try {
    writeAtomically(KEPT, JSON.stringify(answers));
  } catch {
    // In an image dist/ belongs to somebody else: they are asked again next time.
  }
}

async function askContexts() {
  const app = startApp({ name: 'topology', output: 'pipe' });
  let said = '';
  let complaint = '';
  app.child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  app.child.stderr.setEncoding('utf8').on('data', (text) => (complaint += text));
  const closed = new Promise((resolve) => app.child.once('close', resolve));
  const code = await app.exited;
  await closed;
  if (code !== 0) throw new Error(`The contexts could not be asked what they do (exit code ${code}):\n${complaint}`);
  return JSON.parse(said);
}
