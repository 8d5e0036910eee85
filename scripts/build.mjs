// Compiles apps, libs and migrations into dist/ with swc: only what changed since the last build, and nothing that is gone.
// Types are not checked here; `npm run check` does that.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { bundlePackages } from './packages/bundle-packages.mjs';

const checkout = path.resolve(import.meta.dirname, '..');
const folders = ['apps', 'libs', 'migrations'];

export const sourceFolders = folders.map((folder) => path.join(checkout, folder));

/** The one set of swc options, for dist/ and for jest (which maps aliases itself). */
export const swcOptions = {
  swcrc: false,
  module: { type: 'es6', resolveFully: true },
  sourceMaps: true,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
    experimental: { keepImportAttributes: true },
  },
};

function filesBelow(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

const isSource = (file) => file.endsWith('.ts') && !/\.(d|spec|int-spec|e2e-spec|fixture)\.ts$/.test(file);

function readManifest(manifestFile, options) {
  try {
    const manifest = JSON.parse(fs.readFileSync(manifestFile, 'utf8'));
    if (manifest.options === options) return manifest.sources;
  } catch {
    // No manifest, or one that was cut off: build everything.
  }
  return {};
}

/** What dist/ was made from, in a word: it changes with every build that changed anything. */
export const buildId = () =>
  createHash('sha256')
    .update(fs.readFileSync(path.join(checkout, 'dist', '.build.json')))
    .digest('hex');

/** Nobody finds half a file, whenever this process ends. */
export function writeAtomically(file, content) {
  const draft = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(draft, content);
  fs.renameSync(draft, file);
}

/**
 * Brings dist/ up to date.
 * @param {string} [root] the checkout; default this one
 * @returns {Promise<{compiled: number, removed: number}>} how many files were written and deleted
 * @throws {Error} when a source file does not parse; the message names the file
 */
export async function build(root = checkout) {
  const dist = path.join(root, 'dist');
  const manifestFile = path.join(dist, '.build.json');
  const { paths } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.json'), 'utf8')).compilerOptions;
  const options = { ...swcOptions, jsc: { ...swcOptions.jsc, baseUrl: root, paths } };
  const optionsHash = createHash('sha256').update(JSON.stringify(options)).digest('hex');
  const before = readManifest(manifestFile, optionsHash);
  const after = {};
  const wanted = new Set();
  const stale = [];

  for (const source of folders.flatMap((folder) => filesBelow(path.join(root, folder))).filter(isSource)) {
    const name = path.relative(root, source);
    const target = path.join(dist, name.replace(/\.ts$/, '.js'));
    const { mtimeMs, size } = fs.statSync(source);
    after[name] = `${mtimeMs}:${size}`;
    wanted.add(target).add(`${target}.map`);
    if (before[name] !== after[name] || !fs.existsSync(target)) stale.push({ source, target });
  }

  const orphans = folders
    .flatMap((folder) => filesBelow(path.join(dist, folder)))
    .filter((file) => !wanted.has(file) && !file.endsWith('.tmp')); // a draft may belong to a build running beside this one
  for (const file of orphans) fs.rmSync(file, { force: true });

  if (stale.length > 0) {
    const { transformFile } = await import('@swc/core');
    await Promise.all(stale.map((one) => compile(one, options, transformFile)));
  }
  if (stale.length > 0 || orphans.length > 0) {
    fs.mkdirSync(dist, { recursive: true });
    writeAtomically(manifestFile, JSON.stringify({ options: optionsHash, sources: after }));
  }
  const compiled = [...wanted].filter((file) => file.endsWith('.js'));
  await bundlePackages({ root, compiled, also: ['@nestjs/testing'] });
  return { compiled: stale.length, removed: orphans.length };
}

async function compile({ source, target }, options, transformFile) {
  const sourceFileName = path.relative(path.dirname(target), source);
  const { code, map } = await transformFile(source, { ...options, sourceFileName }).catch((error) => {
    const [message] = error.message.split('\n\nCaused by:'); // what follows is swc's own stack
    throw new Error(`${path.relative(options.jsc.baseUrl, source)} does not compile:\n${message.trim()}`, {
      cause: error,
    });
  });
  fs.mkdirSync(path.dirname(target), { recursive: true });
  writeAtomically(`${target}.map`, map);
  writeAtomically(target, `${code}//# sourceMappingURL=${path.basename(target)}.map\n`);
}

if (import.meta.main) {
  const started = performance.now();
  try {
    const { compiled, removed } = await build();
    const changes = compiled + removed === 0 ? 'up to date' : `${compiled} compiled, ${removed} removed`;
    console.log(`Build: ${changes} (${Math.round(performance.now() - started)} ms)`);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
