import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Compares two secret texts in time that depends on neither the place of the first difference nor the lengths beyond
 * one SHA-256 of each.
 *
 * @example if (!timingSafeEqualText(presented, expected)) throw new UnauthorizedException();
 */
export function timingSafeEqualText(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
