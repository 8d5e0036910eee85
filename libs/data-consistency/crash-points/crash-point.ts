/** Goes on with the work at a point, unless it is here that the process is to end. */
export type Trap = <R>(point: string, detail: string, work: () => Promise<R>) => Promise<R>;

let trap: Trap | undefined;

/**
 * A boundary at which a process may die or an answer may be lost. Every step between a request and its last effect passes
 * one; a test finds them all in the code and ends the process at each. Unless a trap is set this costs one comparison.
 *
 * @param point Names the boundary: `<part>.<step>`, a literal, for the test reads it from the source.
 * @param detail Which of many: the statement, the handler, the context. Asked for only when a trap is set.
 * @param work What happens at the boundary; a process can end before it, after it, or without hearing how it went.
 * @example await crashPoint('relay.carry', () => context, () => conveyor.carry(batch));
 */
export function crashPoint<R>(point: string, detail: () => string, work: () => Promise<R>): Promise<R> {
  return trap === undefined ? work() : trap(point, detail(), work);
}

/** Whether a trap is set: in production never. */
export function hasTrap(): boolean {
  return trap !== undefined;
}

/** Sets the trap, or takes it away. */
export function setTrap(next: Trap | undefined): void {
  trap = next;
}
