import { createInbox, type Msg, type NatsConnection } from '@nats-io/transport-node';
import { optionsOf } from './connect-nats.js';

const NO_RESPONDERS = 503;

/**
 * One subscription for the replies to everything a process asks: the last token of a reply's subject says what it answers.
 * A request of its own for each, as the driver makes it, costs a promise, a timer and a random name every time.
 */
export class ReplyInbox {
  private readonly prefix: string;

  /** @param answered told about every reply, with the token it was asked under */
  constructor(connection: NatsConnection, answered: (token: string, reply: Msg) => void) {
    this.prefix = `${createInbox(optionsOf(connection).inboxPrefix)}.`;
    const callback = (refused: Error | null, reply: Msg) => {
      if (!refused) answered(reply.subject.slice(this.prefix.length), reply); // else there is no reply in it
    };
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
