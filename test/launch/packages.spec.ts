import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/launch/app.mjs';

/** A CommonJS package, and a module that knows a class of the same name and loads the other one later. */
const PACKAGES = {
  old: `exports.Greeter = class Greeter {}; exports.greet = () => 'hello';`,
  modern: `import * as old from 'old';
    export class Greeter { static first = new Greeter(); }
    export const isOld = (one) => one instanceof old.Greeter;
    export const later = async () => (await import('old')).greet();
    export const perhaps = () => import('not-installed').catch(() => 'not there');`,
};

const APP = `import { Greeter as Old, greet } from "old";
import { Greeter, isOld, later, perhaps } from "modern";
console.log(JSON.stringify([Old.name, Greeter.name, greet(), isOld(new Old()), await later(), await perhaps()]));
`;

const SAYS = ['Greeter', 'Greeter', 'hello', true, 'hello', 'not there'];

describe('bundled packages', () => {
  let house: string;
  const at = (...parts: string[]) => path.join(house, ...parts);
  const node = (...args: string[]) =>
    execFileSync(process.execPath, args, { cwd: house, encoding: 'utf8', stdio: 'pipe' });
  const put = (file: string, text: string) => {
    mkdirSync(path.dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
  };
  const bundle = () =>
    node(
      '--input-type=module',
      '-e',
      `import { bundlePackages } from './scripts/packages/bundle-packages.mjs';
       console.log(await bundlePackages({ root: process.cwd(), compiled: ['dist/app.js'] }))`,
    );
  const run = () => JSON.parse(node('--import', './scripts/packages/use-packages.mjs', 'dist/app.js')) as unknown;

  beforeEach(() => {
    house = mkdtempSync(path.join(tmpdir(), 'holdfast-packages-'));
    cpSync(path.join(root, 'scripts/packages'), at('scripts/packages'), { recursive: true });
    put('package.json', JSON.stringify({ type: 'module' }));
    put('package-lock.json', '{}');
    put('dist/app.js', APP);
    for (const [name, code] of Object.entries(PACKAGES)) {
      const type = name === 'old' ? 'commonjs' : 'module';
      put(`node_modules/${name}/package.json`, JSON.stringify({ name, type, main: 'index.js' }));
      put(`node_modules/${name}/index.js`, code);
    }
    for (const tool of ['esbuild', 'reflect-metadata'])
      symlinkSync(path.join(root, 'node_modules', tool), at('node_modules', tool));
  });

  afterEach(() => rmSync(house, { recursive: true }));

  it('are what they were, by the names they had, and need the packages no more', () => {
    expect(run()).toEqual(SAYS); // nothing is bundled yet
    expect(bundle()).toBe('true\n');
    for (const name of Object.keys(PACKAGES)) rmSync(at('node_modules', name), { recursive: true });
    expect(run()).toEqual(SAYS);
  });

  it('are made again when the lockfile or what is imported is another, and only then', () => {
    expect([bundle(), bundle()]).toEqual(['true\n', 'false\n']);
    put('package-lock.json', '{"another": 1}');
    expect([bundle(), bundle()]).toEqual(['true\n', 'false\n']);
    put('dist/app.js', `import { greet } from "old";\nconsole.log(JSON.stringify(greet()));\n`);
    expect(bundle()).toBe('true\n');
    const { files } = JSON.parse(readFileSync(at('dist/packages/index.json'), 'utf8')) as { files: object };
    expect(files).toEqual({ old: 'old.mjs' });
    expect(existsSync(at('dist/packages/modern.mjs'))).toBe(false);
    expect(run()).toBe('hello');
  });

  it('come with node:http as it is, but for what Node would load undici for', () => {
    put(
      'dist/app.js',
      `import plain, * as http from "node:http";
      import { Server } from "http";
      const undici = process.moduleLoadList.some((name) => name.includes("deps/undici"));
      const left = Object.keys(plain).filter((name) => !(name in http)).sort();
      console.log(JSON.stringify({ undici, left, same: Server === plain.Server }));`,
    );
    expect(run()).toEqual({ undici: false, left: ['CloseEvent', 'MessageEvent', 'WebSocket'], same: true });
  });

  it('know of phone numbers once somebody asks about one', () => {
    put('node_modules/libphonenumber-js/package.json', JSON.stringify({ exports: { './max': './max.cjs' } }));
    put(
      'node_modules/libphonenumber-js/max.cjs',
      `global.known = true; exports.parsePhoneNumber = (text) => text.length;`,
    );
    put('node_modules/old/index.js', `exports.ask = require('libphonenumber-js/max').parsePhoneNumber;`);
    put(
      'dist/app.js',
      `import { ask } from "old";\nconsole.log(JSON.stringify([!!global.known, ask('117'), global.known]));\n`,
    );
    expect(run()).toEqual([true, 3, true]); // without bundles
    expect(bundle()).toBe('true\n');
    expect(run()).toEqual([false, 3, true]);
  });

  it('name the package that cannot be bundled, and where to say so', () => {
    put('node_modules/old/index.js', `exports.greet = () => require('./engine.node');`);
    put('node_modules/old/engine.node', 'a binary');
    expect(bundle).toThrow(/engine\.node[^]*LEFT_ALONE/);
  });
});
