// Jest reads every module again for every test file, and V8 compiled it again each time: a third of what a small test file costs.
// Each file still has modules of its own; what V8 made of a text is kept.
const vm = require('node:vm');
const { Script, SourceTextModule } = vm;

const modules = new Map(); // text: what V8 made of it
vm.SourceTextModule = class extends SourceTextModule {
  constructor(text, options) {
    const cachedData = modules.get(text);
    super(text, { ...options, cachedData });
    if (!cachedData) modules.set(text, this.createCachedData());
  }
};

// CommonJS, most of it jest's own. A function of `vm.compileFunction` is compiled for one context; one that a script returns shares
// its code with those of the other contexts, down to what was compiled on the first call.
const scripts = new Map(); // by file name
vm.compileFunction = (text, parameters, { filename, importModuleDynamically, parsingContext }) => {
  const head = `(function (${parameters}) {`;
  const source = `${head}${text}\n})`;
  let known = scripts.get(filename);
  if (known?.source !== source) {
    const importing = (...args) => known.importModuleDynamically(...args);
    const script = new Script(source, { filename, columnOffset: -head.length, importModuleDynamically: importing });
    scripts.set(filename, (known = { source, script }));
  }
  known.importModuleDynamically = importModuleDynamically; // that of the test file that runs now
  return known.script.runInContext(parsingContext);
};
