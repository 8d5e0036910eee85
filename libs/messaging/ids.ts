import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const ID_BYTES = 16;
const pool = Buffer.alloc(ID_BYTES * 256);
let used = pool.length;
let lastMs = 0;
let sequence = 0;

/**
 * A new UUIDv7: unique, and ordered by creation time within one process, also within a millisecond, so that indexes grow
 * at one end. An id never authorises anything and its time is public: use a random secret where guessing matters.
 *
 * Random bytes are drawn for 256 ids at a time: drawn singly they are nearly all of an id's cost (1.6 µs against 0.2).
 *
 * @example const accountId = newId();
 * @see RFC 9562 §5.7, and §6.2 method 1 for the counter
 */
export function newId(): string {
  return source();
}

/**
 * Lets all ids come from elsewhere: for simulations, which must be the same again with the same seed.
 *
 * @param other Gives the next id; default the ordinary ones.
 */
export function drawIdsFrom(other: () => string = nextId): void {
  source = other;
}

let source = nextId;

function nextId(): string {
  const random = nextRandom();
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    sequence = random.readUInt32BE(0) >>> 1; // room to count up without carrying into the time
  } else sequence += 1;
  return v7({ random, msecs: lastMs, seq: sequence });
}

function nextRandom(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += ID_BYTES;
  return pool.subarray(used - ID_BYTES, used);
}
