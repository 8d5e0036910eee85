import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const textOf = (file: string) => readFileSync(path.join(root, file), 'utf8');

interface Locked {
  packages: Record<string, { license?: string }>;
}

/** Packages that name their licence in a file only; what it says. */
const IN_A_FILE: Record<string, string> = { pause: 'MIT', 'passport-strategy': 'MIT' };

/** `(MIT OR CC0-1.0)` is MIT and CC0, `BSD-3-Clause` is BSD: what people call them. */
const namesOf = (license: string) =>
  license.split(/[()\s]+(?:OR|AND)?[()\s]*/).flatMap((one) => one.replace(/-(?:\d.*)$/, '') || []);

describe('the licences of the dependencies', () => {
  it('are those that the README names, and no others', () => {
    const [, named] = /^MIT\. Dependencies are permissive only \((.*)\)\.$/m.exec(textOf('README.md'))!;
    const { packages } = JSON.parse(textOf('package-lock.json')) as Locked;
    const used = Object.entries(packages).flatMap(([folder, { license }]) => {
      const name = folder.split('node_modules/').at(-1)!;
      return folder === '' ? [] : namesOf(license ?? IN_A_FILE[name] ?? `none: ${name}`);
    });
    expect(new Set(used)).toEqual(new Set(named!.split(', ')));
  });
});
