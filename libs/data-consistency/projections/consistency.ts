import { AsyncLocalStorage } from 'node:async_hooks';

/** A write as a place to read after: which context's log, up to which database transaction. */
export interface WriteMark {
  context: string;
  xid: string;
}

interface Scope {
  /** The newest write of this request. */
  written?: WriteMark;
  /** What reads in this request must have seen. */
  demanded?: WriteMark;
}

const scopes = new AsyncLocalStorage<Scope>();

/**
 * Runs a request whose reads shall have seen the write that `token` stands for; `token` comes from an earlier answer.
 *
 * @throws InvalidToken when the text is not a token
 */
export function withConsistency<R>(token: string | undefined, work: () => R): R {
  return scopes.run({ ...(token !== undefined && { demanded: parseToken(token) }) }, work);
}

/** The token of this request's newest write, if it wrote events: hand it to the client, who sends it with reads. */
export function consistencyToken(): string | undefined {
  const written = scopes.getStore()?.written;
  return written && `${written.context}.${written.xid}`;
}

/** What this request's reads of a context must have seen. */
export function demandedOf(context: string): string | undefined {
  const { demanded, written } = scopes.getStore() ?? {};
  const marks = [demanded, written].filter((mark) => mark?.context === context).map((mark) => BigInt(mark!.xid));
  return marks.length === 0 ? undefined : marks.reduce((a, b) => (a > b ? a : b)).toString();
}

/** Remembers a committed write for the request it belongs to. */
export function noteWrite(mark: WriteMark): void {
  const scope = scopes.getStore();
  if (!scope) return;
  const { written } = scope;
  const older = written?.context === mark.context && BigInt(written.xid) > BigInt(mark.xid);
  if (!older) scope.written = mark;
}

/** The text is not a consistency token of ours. */
export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
}

function parseToken(token: string): WriteMark {
  const match = /^([a-z][a-z0-9-]{0,40})\.(\d{1,19})$/.exec(token);
  if (!match)
    throw new InvalidToken(
      'A consistency token has the form <context>.<number>, as it was returned by an earlier answer',
    );
  return { context: match[1]!, xid: match[2]! };
}
