require('./compiled-once.cjs'); // before jest compiles anything: a worker's first file of ours is this one
require('./worker-signal.cjs');
const { bundledFile } = require('../../../scripts/packages/bundled-file.mjs');

/**
 * Our sources import './x.js' and mean x.ts, and their packages come bundled, as in a process of the shop: jest reads each
 * file of a package again for every test file. Packages, and what was built, mean what they say.
 */
module.exports = (specifier, options) => {
  const asWritten = /[\\/](?:node_modules|dist)(?:[\\/]|$)/.test(options.basedir);
  if (asWritten) return options.defaultResolver(specifier, options);
  const bundled = bundledFile(specifier);
  if (bundled) return bundled;
  const ours = /^\.{1,2}\/.*\.js$/.test(specifier);
  return options.defaultResolver(ours ? specifier.replace(/\.js$/, '.ts') : specifier, options);
};
