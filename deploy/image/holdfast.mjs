// holdfast <app>[/<entry>] [arguments]: becomes one app of this image. It is the same process, so that signals reach the app
// without anybody in between.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import '../../scripts/packages/use-packages.mjs';

const folder = path.resolve(import.meta.dirname, '../../dist/apps');
const [target = 'monolith', ...args] = process.argv.slice(2);
const [app, entry = 'main'] = target.split('/');
const file = path.join(folder, app, `${entry}.js`);

if (!/^[a-z0-9-]+(\/[a-z0-9-]+)?$/.test(target) || !fs.existsSync(file)) {
  console.error(`There is no app ${target}. There are: ${fs.readdirSync(folder).join(', ')}.`);
  process.exit(64);
}

// The first process of a container is deaf to signals that it does not ask for. Until the app does, a signal ends it.
const early = { SIGTERM: () => process.exit(143), SIGINT: () => process.exit(130) };
for (const [signal, end] of Object.entries(early)) process.on(signal, end);
process.on('newListener', (signal, listener) => {
  if (early[signal] && listener !== early[signal]) queueMicrotask(() => process.off(signal, early[signal]));
});

process.setSourceMapsEnabled(true);
process.argv = [process.argv[0], file, ...args];
await import(pathToFileURL(file).href);
