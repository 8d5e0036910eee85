import { v7 } from 'uuid';
import { chance, draw } from '../chance.js';

const ID_BYTES = 16;

/** A UUIDv7. */
export function newCorrelationId(): string {
  const at = draw(ID_BYTES);
  return v7({ random: chance.subarray(at, at + ID_BYTES) });
}
