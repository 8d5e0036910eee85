const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

const folder = path.resolve(__dirname, '../../../dist/packages');
const index = path.join(folder, 'index.json');
const { files } = existsSync(index) ? JSON.parse(readFileSync(index, 'utf8')) : { files: {} };

/**
 * Our sources import './x.js' and mean x.ts, and their packages come bundled, as in a process of the shop: jest reads each
 * file of a package again for every test file. Packages, and what was built, mean what they say.
 */
module.exports = (specifier, options) => {
  const asWritten = /[\\/](?:node_modules|dist)(?:[\\/]|$)/.test(options.basedir);
  if (asWritten) return options.defaultResolver(specifier, options);
  if (files[specifier]) return path.join(folder, files[specifier]);
  const ours = /^\.{1,2}\/.*\.js$/.test(specifier);
  return options.defaultResolver(ours ? specifier.replace(/\.js$/, '.ts') : specifier, options);
};
