import fs from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../dist/packages');
const index = path.join(folder, 'index.json');
const { files } = fs.existsSync(index) ? JSON.parse(fs.readFileSync(index, 'utf8')) : { files: {} };

/** The bundle that stands for an import of ours; undefined where there is none. */
export const bundledFile = (specifier) => files[specifier] && path.join(folder, files[specifier]);
