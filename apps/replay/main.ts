import { contexts } from '../contexts.js';
import { replay } from './replay.js';

// npm run replay -- <projection|context> [--from <instant|position>] [--to <instant|position>] [--sandbox]
await replay(contexts, process.argv.slice(2));
