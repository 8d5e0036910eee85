import { startApp } from '../launch/app.mjs';

/** What every context says about itself, asked of the built contexts. @returns {Promise<object[]>} */
export async function readManifests() {
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
