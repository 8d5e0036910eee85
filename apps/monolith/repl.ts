import { startRepl } from '@holdfast/host';
import { contexts } from '../contexts.js';

await startRepl('monolith', contexts);
