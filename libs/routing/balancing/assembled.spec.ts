import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FileRegistry } from '../discovery/file/file-registry.js';
import { Fleet } from './fleet.js';

describe('a fleet that is not there yet', () => {
  let status: number;
  let server: Server;
  let registry: FileRegistry;
  let fleet: Fleet;

  beforeEach(async () => {
    status = 503;
    server = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    registry = new FileRegistry({ source: JSON.stringify({ toys: [url], sweets: [] }) });
    fleet = new Fleet({ registry, services: ['toys', 'sweets'], required: ['toys'], timeoutMs: 300, connections: 1 });
    await fleet.start(20);
  });
  afterEach(async () => {
    await fleet.close();
    await registry.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('is waited for, but not for ever', async () => {
    expect(await fleet.assembled(100)).toEqual(['toys']);
  });

  it('is assembled when somebody is ready for all that must be there', async () => {
    const waiting = fleet.assembled(10_000);
    status = 200;
    expect(await waiting).toEqual([]);
  });
});
