import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { cruise } from 'dependency-cruiser';

export const root = path.resolve(import.meta.dirname, '../..');
const { forbidden, options } = createRequire(import.meta.url)(path.join(root, '.dependency-cruiser.cjs'));
const { tsConfig: _, ...settings } = options;
const { paths } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.json'), 'utf8')).compilerOptions;

export const ruleNames = forbidden.map(({ name }) => name);

/**
 * Reads every import below a house (this checkout, or a fixture built like it) and holds it against the walls.
 * @param {string} [base] the house; default this checkout
 * @returns {Promise<{ violations: { rule: string, from: string, to: string, comment: string }[], modules: object[] }>}
 */
export async function cruiseHouse(base = root) {
  const folders = ['apps', 'libs', 'migrations', 'test'].filter((folder) => fs.existsSync(path.join(base, folder)));
  if (folders.length === 0) return { violations: [], modules: [] };
  const alias = Object.fromEntries(Object.entries(paths).map(([name, [file]]) => [`${name}$`, path.join(base, file)]));
  const { output } = await cruise(
    folders,
    { ...settings, ruleSet: { forbidden }, baseDir: base, validate: true },
    { alias, bustTheCache: base !== root },
  );
  const violations = output.summary.violations.map(({ rule, from, to }) => {
    const { comment } = forbidden.find(({ name }) => name === rule.name);
    return { rule: rule.name, from, to, comment };
  });
  return { violations, modules: output.modules };
}

const isTest = (file) => file.startsWith('test/') || /\.(spec|int-spec|e2e-spec|fixture)\.ts$/.test(file);

/** The room a file lives in: apps/x, libs/x, libs/contexts/x, libs/contexts/x/contracts, migrations/x. The list of all contexts is one. */
export function roomOf(file) {
  if (file === 'apps/contexts.ts') return file;
  return /^(libs\/contexts\/[^/]+\/contracts|libs\/contexts\/[^/]+|(?:apps|libs|migrations)\/[^/]+)\//.exec(file)?.[1];
}

/** Who depends on whom, room by room, one sorted line per edge. Tests are left out. */
export function dependenciesText(modules) {
  const edges = new Set();
  for (const { source, dependencies } of modules) {
    const from = roomOf(source);
    if (!from || isTest(source)) continue;
    for (const { resolved } of dependencies) {
      const to = roomOf(resolved);
      if (to && to !== from) edges.add(`${from} -> ${to}`);
    }
  }
  return `# Which room depends on which. Generated: npm run docs:dependencies\n${[...edges].sort().join('\n')}\n`;
}
