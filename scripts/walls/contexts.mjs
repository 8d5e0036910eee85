import fs from 'node:fs';
import path from 'node:path';

/** The contexts of a house, found on disk, never listed by hand. */
export function contextsOf(base) {
  const home = path.join(base, 'libs', 'contexts');
  if (!fs.existsSync(home)) return [];
  return fs
    .readdirSync(home, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * Every context has its front door, its contracts' door when it has contracts, aliases for both, migrations, and its
 * place in the one list of them all.
 * @returns {string[]} one sentence per thing that is missing
 */
export function findMissing(base) {
  const { paths } = JSON.parse(fs.readFileSync(path.join(base, 'tsconfig.json'), 'utf8')).compilerOptions;
  const missing = [];
  const expect = (holds, sentence) => holds || missing.push(sentence);
  const list = path.join(base, 'apps', 'contexts.ts');
  const listed = fs.existsSync(list) ? fs.readFileSync(list, 'utf8') : '';
  for (const name of contextsOf(base)) {
    const home = `libs/contexts/${name}`;
    const has = (file) => fs.existsSync(path.join(base, file));
    const alias = (key, file) =>
      expect(
        paths[key]?.length === 1 && paths[key][0] === `./${file}`,
        `tsconfig.json: "${key}": ["./${file}"] is missing`,
      );
    expect(has(`${home}/${name}.context.ts`), `${home}/${name}.context.ts, the front door, is missing`);
    alias(`@holdfast/contexts/${name}`, `${home}/${name}.context.ts`);
    if (has(`${home}/contracts`)) {
      expect(has(`${home}/contracts/index.ts`), `${home}/contracts/index.ts, the door of its contracts, is missing`);
      alias(`@holdfast/contracts/${name}`, `${home}/contracts/index.ts`);
    }
    expect(has(`migrations/${name}`), `migrations/${name}/ is missing`);
    expect(
      listed.includes(`'@holdfast/contexts/${name}'`),
      `apps/contexts.ts: ${name} is missing; no process that mounts the whole shop would have it`,
    );
  }
  for (const [alias, [file]] of Object.entries(paths)) {
    expect(!alias.includes('*'), `tsconfig.json: "${alias}" is a wildcard; aliases are exact`);
    expect(fs.existsSync(path.join(base, file)), `tsconfig.json: "${alias}" leads to ${file}, which does not exist`);
  }
  return missing;
}
