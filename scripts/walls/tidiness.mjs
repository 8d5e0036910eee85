// Walls that are not about imports: names, sizes, and what a domain may say.
import fs from 'node:fs';
import path from 'node:path';
import libraryOrder from './library-order.cjs';

const maxLines = 300;
const vagueFolders = new Set(['services', 'dtos', 'interfaces', 'utils', 'shared', 'common', 'core', 'helpers']);
const impure = /\bawait\b|\basync\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bperformance\.now\(/;
const ours = ['apps', 'libs', 'migrations', 'scripts', 'test'];

export const tidinessRules = [
  'no-file-over-300-lines',
  'no-vague-folders',
  'domain-has-no-clock-and-no-await',
  'every-library-has-its-place',
];

function filesBelow(base, folder) {
  const start = path.join(base, folder);
  if (!fs.existsSync(start)) return [];
  return fs
    .readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(base, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .filter((file) => !file.startsWith('test/architecture/fixtures/'));
}

const withoutComments = (code) => code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');

/**
 * @param {string} base a house: this checkout or a fixture
 * @returns {{ rule: string, from: string, to: string, comment: string }[]} in the form of cruiseHouse
 */
export function findUntidy(base) {
  const found = [];
  for (const file of ours.flatMap((folder) => filesBelow(base, folder))) {
    if (!/\.(ts|mjs|cjs|js|tsx)$/.test(file)) continue;
    const code = fs.readFileSync(path.join(base, file), 'utf8');
    const lines = code.trimEnd().split('\n').length;
    if (lines > maxLines) {
      const comment = `No file of ours is longer than ${maxLines} lines.`;
      found.push({ rule: tidinessRules[0], from: file, to: `${lines} lines`, comment });
    }
    const vague =
      /^(apps|libs)\//.test(file) &&
      path
        .dirname(file)
        .split('/')
        .find((part) => vagueFolders.has(part));
    if (vague) {
      const comment = 'Name the folder after what it is about, in the words of the field.';
      found.push({ rule: tidinessRules[1], from: file, to: `${vague}/`, comment });
    }
    const isDomain =
      /^libs\/contexts\/[^/]+\/domain\//.test(file) && !file.endsWith('spec.ts') && !file.endsWith('.fixture.ts');
    const said = isDomain && impure.exec(withoutComments(code))?.[0];
    if (said) {
      const comment = 'The domain decides at once and from its arguments alone.';
      found.push({ rule: tidinessRules[2], from: file, to: said, comment });
    }
  }
  const libraries = new Set(filesBelow(base, 'libs').map((file) => file.split('/')[1]));
  for (const library of libraries) {
    if (library === 'contexts' || libraryOrder.flat().includes(library)) continue;
    const comment = 'Give the library its tier in scripts/walls/library-order.cjs.';
    found.push({ rule: tidinessRules[3], from: `libs/${library}`, to: 'no tier', comment });
  }
  return found;
}
