/** From most to least worth keeping when there is too much to do. */
export type RequestClass = 'saga' | 'write' | 'read' | 'batch';

/** Decides how many requests may be inside at once. An adaptive limit is told how long each one took. */
export interface ConcurrencyLimit {
  /** Takes a place, or says no at once: nothing waits here. */
  tryEnter(kind: RequestClass): boolean;
  /** Gives the place back. @param elapsedMs time inside, in milliseconds */
  leave(kind: RequestClass, elapsedMs: number): void;
  readonly inFlight: number;
}

/** The part of all places a class may fill, so that the less important is refused first. */
const SHARES: Record<RequestClass, number> = { saga: 1, write: 0.95, read: 0.85, batch: 0.5 };

/** A fixed number of places. */
export class FixedLimit implements ConcurrencyLimit {
  inFlight = 0;

  /** @param places requests inside at once; default 200, several times what a two-core process can do in 50 ms */
  constructor(private readonly places = 200) {
    if (!Number.isInteger(places) || places < 1) throw new RangeError('A limit needs at least one place');
  }

  tryEnter(kind: RequestClass): boolean {
    if (this.inFlight >= Math.max(1, Math.floor(this.places * SHARES[kind]))) return false;
    this.inFlight += 1;
    return true;
  }

  leave(): void {
    this.inFlight -= 1;
  }
}
