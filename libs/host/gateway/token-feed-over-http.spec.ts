import { FileRegistry, Fleet } from '@holdfast/routing';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TokenFeedOverHttp } from './token-feed-over-http.js';

describe('asking who issues tokens', () => {
  let server: Server;
  let fleet: Fleet;
  let registry: FileRegistry;

  const ask = async (behave: RequestListener, signal?: AbortSignal) => {
    server = createServer(behave);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const source = JSON.stringify({ users: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`] });
    registry = new FileRegistry({ source });
    fleet = new Fleet({ registry, services: ['users'], timeoutMs: 60_000, connections: 1 });
    return new TokenFeedOverHttp(fleet, 'users', async () => 'ours').tokenFacts(60, signal);
  };
  afterEach(async () => {
    await fleet.close();
    await registry.close();
    server.closeAllConnections();
    server.close();
  });

  it('is done in the name of the edge', async () => {
    const facts = await ask(({ url, headers }, response) =>
      response.end(JSON.stringify({ keys: [], endedSessions: [url, headers.authorization] })),
    );
    expect(facts.endedSessions).toEqual(['/internal/token-facts?withinSeconds=60', 'Bearer ours']);
  });

  it.each<[string, RequestListener]>([
    ['no answer', () => {}],
    ['half an answer', (_request, response) => response.write('{')],
  ])('is given up when the signal fires: %s', async (_what, behave) => {
    await expect(ask(behave, AbortSignal.timeout(50))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
