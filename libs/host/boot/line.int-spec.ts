import { NatsServer } from '../../../test/support/nats-server.js';
import { Line } from './line.js';

let server: NatsServer;
beforeAll(async () => void (server = await NatsServer.start()), 60_000);
afterAll(() => server.remove());

async function openLine() {
  const line = await Line.open({ name: 'accounts', nats: { url: server.url }, contexts: [], queries: 'strict' });
  return { line, connection: line.connection! };
}

describe('the line to other processes, when its process ends', () => {
  it('sends what was said last', async () => {
    const [heard, { line, connection }] = [await openLine(), await openLine()];
    const words = heard.connection.subscribe('words', { max: 1 });
    await heard.connection.flush();
    connection.publish('words', 'the last ones');
    await line.onApplicationShutdown();
    expect(connection.isClosed()).toBe(true);
    for await (const word of words) expect(word.string()).toBe('the last ones');
    await heard.line.onApplicationShutdown();
  });

  it.each([
    ['is away', () => server.end(), () => server.restart()],
    ['does not answer', () => server.freeze(), () => server.thaw()],
  ])('closes without a fault while NATS %s', async (_, harm, mend) => {
    const { line, connection } = await openLine();
    connection.subscribe('words');
    await harm();
    await expect(line.onApplicationShutdown()).resolves.toBeUndefined();
    expect(connection.isClosed()).toBe(true);
    await mend();
  });
});
