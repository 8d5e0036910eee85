import { randomFillSync } from 'node:crypto';

/** Random bytes, drawn for hundreds of ids at a time: a call for each costs more than all the rest of an id. */
export const chance = Buffer.alloc(8_192);
let used = chance.length;

/** @returns where in {@link chance} so many bytes begin that nobody has had; to be read before anybody draws again */
export function draw(bytes: number): number {
  if (used + bytes > chance.length) {
    randomFillSync(chance);
    used = 0;
  }
  const at = used;
  used += bytes;
  return at;
}
