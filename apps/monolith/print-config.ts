import { printConfiguration } from '@holdfast/host';
import { contexts } from '../contexts.js';

// `--example` prints .env.example; without it, what is in force now, secrets redacted.
printConfiguration(contexts, { example: process.argv.includes('--example') });
process.disconnect?.();
