// Node opens some 3,800 files of packages when a process of the shop starts: more than a second of work, ten times over in a
// split deployment. Bundled once per lockfile they are about a hundred files and half the work. What we write ourselves stays
// file by file, and nothing knows of the bundles but a hook (use-packages.mjs): without it everything runs from node_modules.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** Left where they are: what loads a binary or files of its own by path, starts a thread, or is one patch of the globals. */
const LEFT_ALONE = ['@node-rs/argon2', 'pino', 'pino-pretty', 'reflect-metadata', 'swagger-ui-dist', 'typescript'];

/** What class-validator knows about the phone numbers of all countries: half a megabyte, loaded by whoever first asks about one. */
const LATER = { 'libphonenumber-js/max': ['parsePhoneNumber'] };

/** What CommonJS takes for granted. */
const BANNER = `import 'reflect-metadata';
import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;

/** As swc writes them: an import or export of another file on a line of its own, or one at run time. */
const IMPORT = /^(?:import|export) (?:.* from )?"([^."][^"]*)"|\bimport\("([^."][^"]*)"\)/gm;

/**
 * Brings dist/packages up to date: `index.json` there says which file stands for which specifier.
 * @param {object} options
 * @param {string} options.root the checkout
 * @param {string[]} options.compiled the compiled files whose imports are bundled
 * @param {string[]} [options.also] what others import, and must share its classes with these files
 * @returns {Promise<boolean>} whether anything was bundled
 * @throws {Error} when a package is not there, or cannot be bundled
 */
export async function bundlePackages({ root, compiled, also = [] }) {
  const imported = importedBy(compiled);
  if (imported.length === 0) return false;
  const specifiers = [...imported, ...also];
  const folder = path.join(root, 'dist', 'packages');
  const index = path.join(folder, 'index.json');
  const key = createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .update(fs.readFileSync(import.meta.filename))
    .update(specifiers.join('\n'))
    .digest('hex');
  if (keyOf(index) === key) return false;

  const draft = `${folder}.${process.pid}.tmp`;
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: root,
    write: false,
    entryPoints: specifiers.map((specifier) => ({ in: specifier, out: fileNameOf(specifier) })),
    outdir: draft,
    outExtension: { '.js': '.mjs' },
    chunkNames: 'shared/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    keepNames: true,
    external: LEFT_ALONE,
    banner: { js: BANNER },
    plugins: [onceAsked, asNodeSeesThem(await exportsOf(specifiers), root)],
    logLevel: 'silent',
  }).catch((error) => {
    const hint = 'A package that loads a binary, or files of its own, belongs into LEFT_ALONE';
    throw new Error(`${error.message}\n${hint} (scripts/packages/bundle-packages.mjs).`, { cause: error });
  });
  const files = Object.fromEntries(specifiers.map((specifier) => [specifier, `${fileNameOf(specifier)}.mjs`]));
  writeAll(outputFiles);
  fs.writeFileSync(path.join(draft, 'index.json'), JSON.stringify({ key, files }));
  replace(folder, draft, key);
  return true;
}

/** esbuild names every function again as it is made, many for each request. Only classes are told of by their names. */
const NAMES = 'var __name = (target, value) => __defProp(target, "name", { value, configurable: true });';
const NAMES_OF_CLASSES = NAMES.replace('=> ', '=> target.name === value || !target.prototype ? target : ');

function writeAll(outputFiles) {
  if (!outputFiles.some(({ text }) => text.includes(NAMES))) throw new Error('esbuild keeps names in another way now.');
  for (const { path: file, text } of outputFiles) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text.replace(NAMES, NAMES_OF_CLASSES));
  }
}

function replace(folder, draft, key) {
  fs.rmSync(folder, { recursive: true, force: true });
  try {
    fs.renameSync(draft, folder);
  } catch (error) {
    fs.rmSync(draft, { recursive: true, force: true });
    if (keyOf(path.join(folder, 'index.json')) !== key) throw error; // else a build beside this one was first
  }
}

/** Every package that the compiled files import, but those that are left alone. */
function importedBy(files) {
  const found = new Set();
  for (const file of files)
    for (const [, atStart, later] of fs.readFileSync(file, 'utf8').matchAll(IMPORT)) found.add(atStart ?? later);
  return [...found].filter((one) => !one.startsWith('node:') && !LEFT_ALONE.includes(one)).sort();
}

function keyOf(index) {
  try {
    return JSON.parse(fs.readFileSync(index, 'utf8')).key;
  } catch {
    return undefined; // never bundled, or not to the end
  }
}

const fileNameOf = (specifier) => specifier.replace(/^@/, '').replaceAll(/[^a-z0-9-]+/gi, '.');

/** CommonJS has no exports that a bundler could see: Node is asked what it makes of each package. */
async function exportsOf(specifiers) {
  await import('reflect-metadata');
  const found = new Map();
  for (const specifier of specifiers) {
    const names = Object.keys(await import(specifier)).filter((name) => name !== 'module.exports');
    found.set(specifier, names.map((name) => JSON.stringify(name)).join(', '));
  }
  return found;
}

/** A module whose functions load the package when they are called. */
const onceAsked = {
  name: 'once asked',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ path: specifier }) =>
      specifier in LATER ? { path: specifier, namespace: 'later' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'later' }, ({ path: specifier }) => ({
      contents: `import { createRequire } from 'node:module';
        const load = () => createRequire(import.meta.url)('${specifier}');
        ${LATER[specifier].map((name) => `export const ${name} = (...input) => load().${name}(...input);`).join('\n')}`,
    }));
  },
};

/**
 * A module with exactly those exports stands for each package, also where another imports it while it runs. What is not
 * installed is optional, and stays outside.
 */
const asNodeSeesThem = (exportsOf, root) => ({
  name: 'as Node sees them',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path: specifier, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === 'as it is') return undefined;
      const whole = kind === 'entry-point' || kind === 'dynamic-import';
      if (whole && exportsOf.has(specifier)) return { path: specifier, namespace: 'package' };
      const found = await build.resolve(specifier, { kind, importer, resolveDir, pluginData: 'as it is' });
      return found.errors.length === 0 ? found : { path: specifier, external: true };
    });
    build.onLoad({ filter: /.*/, namespace: 'package' }, ({ path: specifier }) => ({
      contents: `export { ${exportsOf.get(specifier)} } from '${specifier}';`,
      resolveDir: root,
    }));
  },
});
