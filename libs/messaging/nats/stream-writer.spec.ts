import { jest } from '@jest/globals';
import type { JetStreamManager } from '@nats-io/jetstream';
import type { AcknowledgedPublisher, Publication } from './acknowledged-publisher.js';
import { StreamWriter } from './stream-writer.js';

const letter = {
  id: 'a',
  source: 'notes',
  type: 'shelf.put-away.v1',
  json: '{}',
  place: { xid: '1', position: 1 },
};

describe('the writer of a stream', () => {
  it('sends nothing when the connection is lost while it makes room for a first command', async () => {
    const known = { config: { subjects: ['evt.notes.>'] }, created: 'now', state: { messages: 0, last_seq: 0 } };
    const update = jest.fn(() => (writer.forget(), Promise.resolve(known)));
    const publish = jest.fn((all: readonly Publication[]) =>
      Promise.resolve({ acks: all.map((_, index) => ({ seq: index + 1 })), refusals: [] }),
    );
    const writer = new StreamWriter({
      source: 'notes',
      publisher: { publish } as unknown as AcknowledgedPublisher,
      jsm: { streams: { info: () => Promise.resolve(known), update } } as unknown as JetStreamManager,
      isCommand: () => true,
      replicas: 1,
    });
    await writer.survey();
    await expect(writer.write([letter])).rejects.toThrow('not known yet');
    expect(update).toHaveBeenCalledTimes(1);
    expect(publish).not.toHaveBeenCalled();
    await writer.survey();
    await writer.write([letter]);
    expect(publish).toHaveBeenCalledTimes(1);
  });
});
