import { randomFillSync } from 'node:crypto';

/** For each id: 6 for its end, 4 for where a counter starts. */
const RANDOM_BYTES = 10;
const pool = Buffer.alloc(RANDOM_BYTES * 512);
/** Two digits for each byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

let used = pool.length;
let lastMs = 0;
let sequence = 0;
/** The digits of `lastMs`, up to the version. */
let time = '';

/**
 * A new UUIDv7: unique, and ordered by creation time within one process, also within a millisecond, so that indexes grow
 * at one end. An id never authorises anything and its time is public: use a random secret where guessing matters.
 *
 * Random bytes are drawn for 512 ids at a time: drawn singly they are nearly all of an id's cost (1.6 µs against 0.2).
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

/** 48 bits of time, 32 of a counter that starts anywhere, 42 random ones, and 6 that say what it is. */
function nextId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += RANDOM_BYTES;
  const now = Date.now();
  if (now > lastMs) {
    lastMs = now;
    const digits = now.toString(16).padStart(12, '0');
    time = `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
    sequence = pool.readUInt32BE(at + 6) >>> 1; // room to count up without carrying into the time
  } else sequence += 1;
  const low = (sequence >>> 16) & 0xfff;
  return (
    time +
    (sequence >>> 28).toString(16) +
    HEX[low >>> 4] +
    '-' +
    (8 + ((low >>> 2) & 3)).toString(16) +
    (((low & 3) << 2) | ((sequence >>> 14) & 3)).toString(16) +
    HEX[(sequence >>> 6) & 0xff] +
    '-' +
    HEX[((sequence & 0x3f) << 2) | (pool[at]! & 3)] +
    HEX[pool[at + 1]!] +
    HEX[pool[at + 2]!] +
    HEX[pool[at + 3]!] +
    HEX[pool[at + 4]!] +
    HEX[pool[at + 5]!]
  );
}
