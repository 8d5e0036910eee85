import { bootGateway } from '@holdfast/host';
import { contexts } from '../contexts.js';

await bootGateway('gateway', contexts);
