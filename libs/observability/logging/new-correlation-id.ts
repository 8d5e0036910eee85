import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const ID_BYTES = 16;
const pool = Buffer.alloc(256 * ID_BYTES);
let next = pool.length;

/** A UUIDv7. Chance is drawn for 256 of them at once: a call for each costs more than all the rest of the id. */
export function newCorrelationId(): string {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  return v7({ random: pool.subarray(next, (next += ID_BYTES)) });
}
