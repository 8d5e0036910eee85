import { seedDatabase } from '@holdfast/host';
import { contexts } from '../contexts.js';

await seedDatabase(contexts);
