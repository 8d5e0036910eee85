import { load, loadAll, YAML11_SCHEMA } from 'js-yaml';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../scripts/launch/app.mjs';

export const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** With merge keys (`<<`), as Compose reads it. */
export const yamlOf = <T>(file: string): T => load(textOf(file), { schema: YAML11_SCHEMA }) as T;

export const documentsIn = <T>(text: string): T[] => loadAll(text) as T[];
