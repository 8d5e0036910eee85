import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from '../../scripts/build.mjs';

describe('the build', () => {
  let house: string;
  const put = (file: string, code: string) => {
    mkdirSync(path.dirname(path.join(house, file)), { recursive: true });
    writeFileSync(path.join(house, file), code);
  };
  const runApp = () => execFileSync(process.execPath, ['dist/apps/shop/main.js'], { cwd: house, encoding: 'utf8' });

  beforeEach(() => {
    house = mkdtempSync(path.join(tmpdir(), 'holdfast-build-'));
    const paths = { '@holdfast/greeting': ['./libs/greeting/index.ts'] };
    put('tsconfig.json', JSON.stringify({ compilerOptions: { paths } }));
    put('package.json', JSON.stringify({ type: 'module' }));
    put('libs/greeting/index.ts', "export * from './words.js';\n");
    put('libs/greeting/words.ts', "export const words: string = 'hello';\n");
    put('libs/greeting/words.spec.ts', 'throw new Error("a test was built");\n');
    put('apps/shop/main.ts', "import { words } from '@holdfast/greeting';\n\nconsole.log(words);\n");
  });

  afterEach(() => rmSync(house, { recursive: true }));

  it('makes programs that run, aliases and all, and leaves the tests out', async () => {
    expect(await build(house)).toEqual({ compiled: 3, removed: 0 });
    expect(runApp()).toBe('hello\n');
    expect(existsSync(path.join(house, 'dist/libs/greeting/words.spec.js'))).toBe(false);
  });

  it('compiles what changed and nothing else', async () => {
    await build(house);
    expect(await build(house)).toEqual({ compiled: 0, removed: 0 });
    put('libs/greeting/words.ts', "export const words: string = 'good morning';\n");
    expect(await build(house)).toEqual({ compiled: 1, removed: 0 });
    expect(runApp()).toBe('good morning\n');
  });

  it('removes the output of a source that is gone', async () => {
    put('libs/greeting/old.ts', 'export {};\n');
    await build(house);
    rmSync(path.join(house, 'libs/greeting/old.ts'));
    expect(await build(house)).toEqual({ compiled: 0, removed: 2 }); // the program and its source map
    expect(existsSync(path.join(house, 'dist/libs/greeting/old.js'))).toBe(false);
  });

  it('names the file that does not parse, and builds it again once mended', async () => {
    put('libs/greeting/words.ts', 'export const words = (;\n');
    await expect(build(house)).rejects.toThrow(/^libs\/greeting\/words\.ts does not compile:/);
    put('libs/greeting/words.ts', "export const words: string = 'mended';\n");
    await build(house);
    expect(runApp()).toBe('mended\n');
  });
});
