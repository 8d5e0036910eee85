import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/launch/app.mjs';

const FILES = {
  'good.spec.js': `it('ends', () => {});`,
  'loop.spec.js': `it('never ends', () => { for (;;); });`,
};

it('a test file that never ends is named and ended, and the others have their verdict', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-patience-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text);
  const patience = path.join(root, 'test/support/jest/patience-reporter.mjs');
  const config = {
    rootDir: folder,
    reporters: ['default', [patience, { fileMs: 2_000 }]],
    cacheDirectory: path.join(folder, 'cache'),
  };
  const { status, stderr } = spawnSync(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--maxWorkers=2', '--config', JSON.stringify(config)],
    { cwd: root, encoding: 'utf8', timeout: 50_000 },
  );
  rmSync(folder, { recursive: true });

  expect(stderr).toMatch(/loop\.spec\.js has not ended after/);
  expect(stderr).toMatch(/What runs, and is now killed:\n.*jest-worker/);
  expect(stderr).toMatch(/PASS .*good\.spec\.js/);
  expect(stderr).toMatch(/FAIL .*loop\.spec\.js/);
  expect(status).toBe(1);
});
