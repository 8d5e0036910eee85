import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDotEnv } from './environment.js';

describe('withDotEnv', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-env-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('adds what the real environment does not set and overrides nothing', () => {
    const path = join(folder, '.env');
    writeFileSync(path, '# comment\nPORT=4000\nQUOTED="a b"\nONLY_HERE=yes\n');
    const real = { PORT: '3000', EMPTY: undefined };
    expect(withDotEnv(path, real)).toEqual({ PORT: '3000', QUOTED: 'a b', ONLY_HERE: 'yes' });
    expect(real).toEqual({ PORT: '3000', EMPTY: undefined });
  });

  it('does without a file', () => {
    expect(withDotEnv(join(folder, 'none'), { A: '1' })).toEqual({ A: '1' });
  });

  it('reports a file it cannot read', () => {
    const path = join(folder, 'folder.env');
    mkdirSync(path);
    expect(() => withDotEnv(path, {})).toThrow('EISDIR');
  });
});
