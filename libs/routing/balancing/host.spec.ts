import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../../../test/support/eventually.js';
import { Collected } from '../lines/answers.fixture.js';
import { Host, type HostOptions } from './host.js';

describe('a host', () => {
  const held: ServerResponse[] = [];
  let server: Server;
  let host: Host;
  const open = async (connect?: HostOptions['connect']) => {
    server = createServer((_request, response) => void held.push(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    host = new Host(`http://127.0.0.1:${port}`, { timeoutMs: 5_000, connections: 2, ...(connect && { connect }) });
  };
  afterEach(async () => {
    held.length = 0;
    await host.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** A request, with a body or without. */
  const dispatch = (text?: string) => {
    const collected = new Collected();
    const body = text === undefined ? null : (ReadableStream.from([Buffer.from(text)]) as AsyncIterable<Buffer>);
    host.dispatch({ method: text === undefined ? 'GET' : 'POST', target: '/', headers: [], body }, collected);
    return collected.answer;
  };

  it('counts what it is working on, however that was sent', async () => {
    await open();
    const asked = [dispatch(), dispatch('x'), host.request({ path: '/', method: 'GET' })];
    expect(host.inFlight).toBe(3);
    await eventually(() => held.length === 3, { what: 'all have arrived' });
    const more = dispatch();
    const waits = dispatch();
    expect(host.inFlight).toBe(5);
    await eventually(() => held.length === 4, { what: 'as many as there are connections for have arrived' });
    for (const response of held.splice(0)) response.end('ok');
    await Promise.all([...asked, more]);
    await eventually(() => held.length === 1, { what: 'the last one has arrived' });
    expect(host.inFlight).toBe(1);
    held[0]!.end('ok');
    await waits;
    expect(host.inFlight).toBe(0);
  });

  it('counts what failed no longer', async () => {
    await open();
    const asked = [dispatch(), dispatch('x'), host.request({ path: '/', method: 'GET' }).catch(() => {})];
    await eventually(() => held.length === 3, { what: 'all have arrived' });
    for (const { socket } of held) socket!.destroy();
    await Promise.all(asked);
    await eventually(() => host.inFlight === 0, { what: () => `nothing is in flight; it is ${host.inFlight}` });
  });

  it('is away at once when a connection cannot be made in time, but not when an answer is late', async () => {
    await open((_options, callback) =>
      callback(Object.assign(new Error('too slow'), { code: 'UND_ERR_CONNECT_TIMEOUT' }), null),
    );
    await host.probe();
    expect(host.health).toBe('away');
    await host.destroy();
    server.close();
    await open();
    await host.probe(); // nobody answers for a second
    expect(host.health).toBe('unknown');
  });
});
