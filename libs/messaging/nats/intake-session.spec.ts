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
    deliver: (seq = 1, bytes = 100) =>
      deliver({
        seq,
        info: { deliverySequence: seq, deliveryCount: 1, streamSequence: seq },
        ack: () => {},
        data: { length: bytes },
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

  it('puts together at most 16 MiB, and always a message', async () => {
    const { asked, deliver, js, jsm } = streamOf('notes');
    const batches: number[] = [];
    const ingest = (messages: readonly unknown[]) => Promise.resolve(void batches.push(messages.length));
    const sink = { context: 'library', contracts: [], reads: () => true, ingest };
    const session = new IntakeSession({ js, jsm, sink, stream: 'HOLDFAST_notes', skipped: () => {} });
    const running = session.run();
    asked[0]!.resolve(atRest as ConsumerInfo);
    await jest.advanceTimersByTimeAsync(0);
    const MiB = 1024 * 1024;
    const sizes = [...Array<number>(40).fill(MiB / 2), 20 * MiB, 20 * MiB, ...Array<number>(600).fill(100)];
    sizes.forEach((bytes, index) => deliver(index + 1, bytes));
    await jest.advanceTimersByTimeAsync(0);
    expect(batches).toEqual([32, 8, 1, 1, 500, 100]);
    session.end('enough');
    expect(await running).toBe('enough');
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
