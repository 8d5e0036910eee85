// Jest reads every module again for every test file, and V8 compiled it again each time: a sixth of what the unit tests cost. What
// V8 made of a text the first time is handed to it the next time. Each file still has modules of its own.
const vm = require('node:vm');
const { SourceTextModule, compileFunction } = vm;

const modules = new Map(); // text: what V8 made of it
vm.SourceTextModule = class extends SourceTextModule {
  constructor(text, options) {
    const cachedData = modules.get(text);
    super(text, { ...options, cachedData });
    if (!cachedData) modules.set(text, this.createCachedData());
  }
};

const functions = new Map(); // by their parameters and text
vm.compileFunction = (text, parameters, options) => {
  const key = `${parameters}\n${text}`;
  const cachedData = functions.get(key);
  const compiled = compileFunction(text, parameters, { ...options, cachedData, produceCachedData: !cachedData });
  if (!cachedData) functions.set(key, compiled.cachedData);
  return compiled;
};
