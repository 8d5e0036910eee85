import { FileRegistry, Fleet, keepRegistered } from '@holdfast/routing';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// Two processes that answer letters; the second is on its way out.
const replicas = ['first', 'second'].map((name) => createServer((_request, response) => response.end(name)));
for (const server of replicas) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const [first, second] = replicas.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

// Who answers for what: here a list by hand, else new NatsKvRegistry({ connection }) or new DnsRegistry({ name }).
const registry = new FileRegistry({ source: JSON.stringify({ letters: [first, { url: second, draining: true }] }) });
const presence = keepRegistered(registry, { service: 'letters', id: 'first', url: first! }); // each about itself

const fleet = new Fleet({ registry, services: ['letters'], timeoutMs: 5_000, connections: 32 });
await fleet.start(500); // probes /readyz

const replica = fleet.choose('letters')!;
const { statusCode, body } = await replica.host.request({ path: '/', method: 'GET' });
fleet.ended(replica, statusCode < 502 ? 'answered' : 'failed'); // failing ones are left alone for a while
export const answeredBy = await body.text();

await presence.drain(); // no new work …
await presence.leave(); // … and gone
await fleet.close();
await registry.close();
for (const server of replicas) server.close();
