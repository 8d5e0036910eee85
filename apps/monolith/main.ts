import { boot } from '@holdfast/host';
import { contexts } from './contexts.js';

await boot('monolith', contexts);
