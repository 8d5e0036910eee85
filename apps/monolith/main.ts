import { boot } from '@holdfast/host';
import { contexts } from '../contexts.js';

// A topology may run several groups of contexts by this program: each has a name of its own.
await boot(process.env.HOLDFAST_PROCESS || 'monolith', contexts);
