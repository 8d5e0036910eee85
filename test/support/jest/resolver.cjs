// Our sources import './x.js' and mean x.ts; packages and what was built mean what they say.
module.exports = (specifier, options) => {
  const asWritten = /[\\/](?:node_modules|dist)(?:[\\/]|$)/.test(options.basedir);
  const ours = /^\.{1,2}\/.*\.js$/.test(specifier) && !asWritten;
  return options.defaultResolver(ours ? specifier.replace(/\.js$/, '.ts') : specifier, options);
};
