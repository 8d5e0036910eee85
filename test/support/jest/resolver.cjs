// Our sources import './x.js' and mean x.ts; packages mean what they say.
module.exports = (specifier, options) => {
  const ours = /^\.{1,2}\/.*\.js$/.test(specifier) && !options.basedir.includes('node_modules');
  return options.defaultResolver(ours ? specifier.replace(/\.js$/, '.ts') : specifier, options);
};
