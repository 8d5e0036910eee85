import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

interface Locked {
  packages: Record<string, { resolved?: string; integrity?: string }>;
}

// Without the address npm asks the registry for all versions of each package before it takes one: a third of an installation.
it.each(['package-lock.json', 'bench/peers/package-lock.json'])(
  '%s says where each package lies, and its hash',
  (file) => {
    const { packages } = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Locked;
    const incomplete = Object.entries(packages).filter(
      ([folder, { resolved, integrity }]) =>
        folder !== '' && !(resolved?.startsWith('https://registry.npmjs.org/') && integrity?.startsWith('sha512-')),
    );
    expect(incomplete).toEqual([]);
  },
);
