import { readdirSync } from 'node:fs';
import path from 'node:path';
import { contexts } from './contexts.js';

it('the whole shop is every folder of libs/contexts, each once', () => {
  const onDisk = readdirSync(path.join(import.meta.dirname, '../libs/contexts'));
  expect(contexts.map(({ name }) => name).toSorted()).toEqual(onDisk.toSorted());
});
