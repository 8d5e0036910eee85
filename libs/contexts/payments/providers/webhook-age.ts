const TOLERANCE_MS = 5 * 60_000;

/** Whether a webhook was sent at most 5 minutes from now: a copy kept for later is worth nothing. */
export const isFresh = (sentAtMs: number, now: Date): boolean => Math.abs(now.getTime() - sentAtMs) <= TOLERANCE_MS;
