// node --import this: what our own code imports comes from dist/packages, where one is there. Packages go on finding each other.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { bundledFile } from './bundled-file.mjs';

const DIST = new URL('../../dist/', import.meta.url).href;
const module = (url) => ({ url, format: 'module', shortCircuit: true });
const HTTP = module(new URL('http.mjs', import.meta.url).href);

registerHooks({
  resolve(specifier, context, next) {
    const { parentURL = '', conditions } = context;
    const imported = conditions.includes('import');
    // What was built lies where it says, and is a module: Node would look for both, which is a tenth of a start.
    if (imported && specifier.startsWith('.') && parentURL.startsWith(DIST))
      return module(new URL(specifier, parentURL).href);
    if (imported && /^(node:)?http$/.test(specifier)) return HTTP;
    const file = bundledFile(specifier);
    if (!file || parentURL.includes('/node_modules/')) return next(specifier, context);
    return module(pathToFileURL(file).href);
  },
});
