import { manifestOf } from '@holdfast/host';
import { contexts } from '../contexts.js';

// What the contexts say about themselves, for whoever plans which process runs which of them.
process.stdout.write(JSON.stringify(contexts.map(manifestOf)));
process.disconnect?.();
