import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/launch/app.mjs';

const support = (file: string) => path.join(root, 'test/support/jest', file);

describe('a test file that never ends', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(path.join(tmpdir(), 'holdfast-patience-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(files: Record<string, string>) {
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const config = {
      rootDir: folder,
      cacheDirectory: path.join(folder, 'cache'),
      transform: {},
      watchman: false,
      resolver: support('resolver.cjs'),
      reporters: ['default', [support('patience-reporter.mjs'), { fileMs: 8_000 }]],
    };
    const args = [
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      '--maxWorkers=2',
      '--config',
      JSON.stringify(config),
    ];
    return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 50_000 });
  }

  it('meets our patience in every run', () => {
    const config = readFileSync(path.join(root, 'jest.config.mjs'), 'utf8');
    expect(config).toMatch(/^ {2}reporters: \[[^\]]*'<rootDir>\/test\/support\/jest\/patience-reporter\.mjs'/m);
    expect(config).toContain(`resolver: '<rootDir>/test/support/jest/resolver.cjs'`); // brings the workers their signal
  });

  it('is named and ended when it blocks, and the others have their verdict', () => {
    const { status, stderr } = run({
      'good.spec.js': `it('ends', () => {});`,
      // A loop is as deaf, and would keep a core busy meanwhile.
      'deaf.spec.js': `it('never ends', () => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });`,
    });
    expect(stderr).toMatch(/deaf\.spec\.js has not ended after/);
    expect(stderr).toMatch(/What runs, and is now ended:\n.*jest-worker/);
    expect(stderr).toMatch(/PASS .*good\.spec\.js/);
    expect(stderr).toMatch(/FAIL .*deaf\.spec\.js/);
    expect(status).toBe(1);
  });

  it('begins again when it waited', () => {
    const { status, stderr } = run({
      'good.spec.js': `it('ends', () => {});`,
      'once.spec.js': `
        const fs = require('node:fs');
        it('waits, the first time', async () => {
          if (fs.existsSync('${folder}/again')) return;
          fs.writeFileSync('${folder}/again', '');
          await new Promise(() => {});
        }, 1e9);`,
    });
    expect(stderr).toMatch(/once\.spec\.js has not ended after/);
    expect(stderr).toMatch(/PASS .*once\.spec\.js/);
    expect(status).toBe(0);
  });
});
