import { jetstreamManager } from '@nats-io/jetstream';
import { JetStreamConveyor, connectNats } from '@holdfast/messaging';
import type { NatsServer } from '../../../test/support/nats-server.js';
import type { Belt } from './conformance-ground.fixture.js';

const ignore = () => {};
const STREAM = 'HOLDFAST_notes';

/**
 * JetStream as a belt: every entering process has a connection of its own, as it would.
 *
 * @param inspectEveryMs how often a writer looks whether the stream is still as it left it
 */
export function jetStreamBelt(
  server: () => NatsServer,
  failed: (part: string, error: unknown) => void = ignore,
  inspectEveryMs = 300,
): Belt {
  let processes = 0;
  const readers = new Set<string>();
  return {
    enter: async () => {
      const connection = await connectNats({ url: server().url, name: `process-${++processes}` });
      const conveyor = await JetStreamConveyor.on({ connection, failed, inspectEveryMs });
      const connect = conveyor.connect.bind(conveyor);
      conveyor.connect = (sink) => {
        if (sink.contracts.length > 0) readers.add(sink.context);
        return connect(sink);
      };
      return { conveyor, leave: () => connection.close() };
    },
    isEmpty: () =>
      asOperator(server(), async ({ streams, consumers }) => {
        for (const reader of readers) {
          const { state } = await streams.info(STREAM);
          const { ack_floor } = await consumers.info(STREAM, reader);
          if (ack_floor.stream_seq !== state.last_seq) return false;
        }
        return true;
      }).catch(() => false), // the broker is away, or something is being made anew
    remove: () =>
      asOperator(server(), async ({ streams }) => {
        for await (const name of streams.names()) await streams.delete(name);
      }),
  };
}

type Jetstream = Awaited<ReturnType<typeof jetstreamManager>>;

/** Looks at the broker from outside, over a connection of its own. */
export async function asOperator<R>(server: NatsServer, work: (jsm: Jetstream) => Promise<R>): Promise<R> {
  const connection = await connectNats({ url: server.url, name: 'operator' });
  try {
    return await work(await jetstreamManager(connection, { checkAPI: false }));
  } finally {
    await connection.close();
  }
}
