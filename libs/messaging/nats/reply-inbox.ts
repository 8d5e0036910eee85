import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';

const NO_RESPONDERS = 503;

/**
 * One subscription for the replies to everything a process asks: the last token of a reply's subject says what it answers.
 * A request of its own for each, as the driver makes it, costs a promise, a timer and a random name every time.
 */
export class ReplyInbox {
  private readonly prefix: string;

  /** @param answered told about every reply, with the token it was asked under */
  constructor(connection: NatsConnection, answered: (token: string, reply: Msg) => void) {
    this.prefix = `${createInbox(inboxPrefixOf(connection))}.`;
    const callback = (_error: Error | null, reply: Msg) => answered(reply.subject.slice(this.prefix.length), reply);
    connection.subscribe(`${this.prefix}*`, { callback });
  }

  /** Where the reply to this question is to go. */
  subjectOf(token: string | number): string {
    return `${this.prefix}${token}`;
  }
}

/** Whether the server itself replied, because nobody listens there. */
export function nobodyListens(reply: Msg): boolean {
  return reply.data.length === 0 && reply.headers?.code === NO_RESPONDERS;
}

/** Below which subject this connection may listen for replies; undefined for the usual one. */
function inboxPrefixOf(connection: NatsConnection): string | undefined {
  return (connection as unknown as { options?: { inboxPrefix?: string } }).options?.inboxPrefix;
}
