import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { ReplyInbox } from './reply-inbox.js';

it('an inbox that the server refuses hears nothing, and what the driver says of it ends nothing else', () => {
  let callback: (error: Error | null, reply: Msg) => void = () => {};
  const subscribe = (_: string, options: { callback: typeof callback }) => void (callback = options.callback);
  const heard: string[] = [];
  const inbox = new ReplyInbox({ subscribe } as unknown as NatsConnection, (token) => heard.push(token));
  callback(null, { subject: inbox.subjectOf('7') } as Msg);
  expect(() => callback(new Error('permissions violation'), {} as Msg)).not.toThrow();
  expect(heard).toEqual(['7']);
});
