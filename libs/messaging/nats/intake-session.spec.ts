import { jest } from '@jest/globals';
import type { ConsumerInfo, JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import { newId } from '../ids.js';
import { IntakeSession } from './intake-session.js';

const atRest = { ack_floor: { stream_seq: 0 }, delivered: { stream_seq: 0 }, num_ack_pending: 0, num_waiting: 0 };

const never = () => new Promise<never>(() => {});

/** A stream of which a test delivers the messages, and answers the questions about its consumer. */
function streamOf(source: string) {
  const asked: PromiseWithResolvers<ConsumerInfo>[] = [];
  let deliver: (message: JsMsg) => void = () => {};
  const info = () => {
    const question = Promise.withResolvers<ConsumerInfo>();
    asked.push(question);
    return question.promise;
  };
  const consume = ({ callback }: { callback: typeof deliver }) => {
    deliver = callback;
    return Promise.resolve({ stop: () => {}, status: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }) });
  };
  const streams = { info: () => Promise.resolve({ state: { last_seq: 0 } }) };
  return {
    asked,
    deliver: () =>
      deliver({
        seq: 1,
        info: { deliverySequence: 1, deliveryCount: 1, streamSequence: 1 },
        ack: () => {},
        string: () => JSON.stringify({ id: newId(), source, type: `${source}.told.v1`, subject: 'a' }),
      } as unknown as JsMsg),
    js: { consumers: { get: () => Promise.resolve({ consume }) } } as unknown as JetStreamClient,
    jsm: { streams, consumers: { info } } as unknown as JetStreamManager,
  };
}

describe('a session of an intake', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('leaves nothing running when the inbox refuses, not even a look at the consumer that is under way', async () => {
    const { asked, deliver, js, jsm } = streamOf('notes');
    const sink = {
      context: 'library',
      contracts: [],
      reads: () => true,
      ingest: () => Promise.reject(new Error('full')),
    };
    const running = new IntakeSession({ js, jsm, sink, stream: 'HOLDFAST_notes', skipped: () => {} }).run();
    const refused = running.catch((error: Error) => error.message);
    asked[0]!.resolve(atRest as ConsumerInfo);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(2);
    deliver();
    expect(await refused).toBe('full');
    asked[1]!.resolve(atRest as ConsumerInfo);
    await jest.advanceTimersByTimeAsync(0);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('takes an acknowledgement for lost when the server still waits for it at the second look, not at the first', async () => {
    const { asked, deliver, js, jsm } = streamOf('notes');
    const sink = { context: 'library', contracts: [], reads: () => true, ingest: () => Promise.resolve() };
    const session = new IntakeSession({ js, jsm, sink, stream: 'HOLDFAST_notes', skipped: () => {} });
    const running = session.run();
    asked[0]!.resolve(atRest as ConsumerInfo);
    await jest.advanceTimersByTimeAsync(0);
    deliver();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(session.progressed).toBe(true);
    asked[1]!.resolve(atRest as ConsumerInfo); // the acknowledgement is under way
    await jest.advanceTimersByTimeAsync(1_000);
    expect(asked).toHaveLength(3);
    asked[2]!.resolve(atRest as ConsumerInfo);
    expect(await running).toBe('an acknowledgement went astray');
  });
});
