import type { RequestClass } from './request-class.js';

/** The part of all places a class may fill, so that the less important is refused first. */
const SHARES: Record<RequestClass, number> = { webhook: 1, write: 0.95, read: 0.85 };

/** A fixed number of places for requests; nothing waits here. */
export class FixedLimit {
  inFlight = 0;

  /** @param places requests inside at once; default 200, several times what a two-core process can do in 50 ms */
  constructor(private readonly places = 200) {
    if (!Number.isInteger(places) || places < 1) throw new RangeError('A limit needs at least one place');
  }

  /** Takes a place, or says no at once. */
  tryEnter(kind: RequestClass): boolean {
    if (this.inFlight >= Math.max(1, Math.floor(this.places * SHARES[kind]))) return false;
    this.inFlight += 1;
    return true;
  }

  /** Gives the place back. */
  leave(): void {
    this.inFlight -= 1;
  }

  /** Whether nobody at all would be let in. */
  get full(): boolean {
    return this.inFlight >= this.places;
  }
}
