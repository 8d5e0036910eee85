import { v7 } from 'uuid';

/**
 * A new UUIDv7: unique, and ordered by creation time within one process, so that indexes grow at one end.
 * An id never authorises anything and its time is public: use a random secret where guessing matters.
 *
 * @example const orderId = newId();
 * @see RFC 9562 §5.7
 */
export function newId(): string {
  return v7();
}
