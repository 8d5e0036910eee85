/** Where the end of a session is announced by whoever ends it, and heard by the edge in the same process. */
export class SessionEnds {
  private readonly listeners: ((sessionId: string) => void)[] = [];

  /** @param listener called in the call chain that ended the session; must not throw. */
  listen(listener: (sessionId: string) => void): void {
    this.listeners.push(listener);
  }

  /** To be called when the end is committed, before it is answered. */
  announce(sessionId: string): void {
    for (const listener of this.listeners) listener(sessionId);
  }
}
