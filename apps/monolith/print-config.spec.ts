import { printConfiguration } from '@holdfast/host';
import { jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contexts } from '../contexts.js';

describe('the template of .env', () => {
  it('lists every variable there is: node dist/apps/monolith/print-config.js --example > .env.example', () => {
    const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    printConfiguration(contexts, { example: true });
    const printed = write.mock.calls.map(([text]) => String(text)).join('');
    write.mockRestore();
    expect(printed).toBe(readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8'));
  });
});
