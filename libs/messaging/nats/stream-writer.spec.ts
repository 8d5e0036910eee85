import { jest } from '@jest/globals';
import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
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
      owners: [],
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

  it('makes it for all whom its context is known to command, before there is a command', async () => {
    const made: string[][] = [];
    const add = ({ subjects }: { subjects: string[] }) => {
      made.push(subjects);
      return Promise.resolve({ config: { subjects }, created: 'now', state: { messages: 0, last_seq: 0 } });
    };
    const missing = () =>
      Promise.reject(new JetStreamApiError({ code: 404, err_code: 10059, description: 'stream not found' }));
    const writer = new StreamWriter({
      source: 'notes',
      publisher: {} as AcknowledgedPublisher,
      jsm: { streams: { info: missing, add } } as unknown as JetStreamManager,
      isCommand: () => false,
      owners: ['shelf', 'notes'],
      replicas: 1,
    });
    expect(await writer.survey()).toBe('nothing');
    expect(made).toEqual([['evt.notes.>', 'cmd.notes.shelf.>', 'cmd.notes.notes.>']]);
  });
});
