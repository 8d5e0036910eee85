// node --import this: what our own code imports comes from dist/packages, where one is there. Packages go on finding each other.
import fs from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = path.resolve(import.meta.dirname, '../../dist/packages');
const index = path.join(folder, 'index.json');
const { files } = fs.existsSync(index) ? JSON.parse(fs.readFileSync(index, 'utf8')) : { files: {} };

registerHooks({
  resolve(specifier, context, next) {
    const file = files[specifier];
    if (!file || context.parentURL?.includes('/node_modules/')) return next(specifier, context);
    return { url: pathToFileURL(path.join(folder, file)).href, format: 'module', shortCircuit: true };
  },
});
