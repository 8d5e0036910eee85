// node --import this: what our own code imports comes from dist/packages, where one is there. Packages go on finding each other.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { bundledFile } from './bundled-file.mjs';

const HTTP = { url: new URL('http.mjs', import.meta.url).href, format: 'module', shortCircuit: true };

registerHooks({
  resolve(specifier, context, next) {
    if (/^(node:)?http$/.test(specifier) && context.conditions.includes('import')) return HTTP;
    const file = bundledFile(specifier);
    if (!file || context.parentURL?.includes('/node_modules/')) return next(specifier, context);
    return { url: pathToFileURL(file).href, format: 'module', shortCircuit: true };
  },
});
