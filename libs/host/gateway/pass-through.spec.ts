import { FileRegistry, Fleet, type FleetOptions } from '@holdfast/routing';
import Fastify, { type FastifyInstance } from 'fastify';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '../../../test/support/eventually.js';
import type { ProblemException } from '../http/problem/problem.exception.js';
import { buildConnector } from 'undici';
import { PassThrough } from './pass-through.js';

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

describe('passing requests through', () => {
  const servers: Server[] = [];
  let fleet: Fleet;
  let registry: FileRegistry;
  let gateway: FastifyInstance;
  let url: string;
  const retries = new Map<string, number>();
  let patienceMs = 300;
  let connect: FleetOptions['connect'];

  const serve = async (behave: Behaviour): Promise<string> => {
    const server = createServer(behave);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  /** An address where nobody listens any more. */
  const gone = async (): Promise<string> => {
    const address = await serve(() => {});
    await new Promise((resolve) => servers.pop()!.close(resolve));
    return address;
  };
  const open = async (...urls: string[]) => {
    registry = new FileRegistry({ source: JSON.stringify({ toys: urls }) });
    const hosts = { timeoutMs: patienceMs, connections: 4, ...(connect && { connect }) };
    fleet = new Fleet({ registry, services: ['toys'], random: () => 0, ...hosts });
    retries.clear();
    const passThrough = new PassThrough(fleet, {
      identity: { headers: () => [] },
      budget: { now: () => 0 },
      retried: (_context, outcome) => retries.set(outcome, (retries.get(outcome) ?? 0) + 1),
    });
    gateway = Fastify();
    gateway.removeAllContentTypeParsers();
    gateway.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    gateway.setErrorHandler((error, _request, reply) => {
      const problem = error as unknown as ProblemException;
      return reply.code(problem.getStatus()).headers(problem.headers).send({ slug: problem.slug });
    });
    gateway.all('/*', (request, reply) => passThrough.forward({ audience: 'toys', open: false }, request, reply));
    url = await gateway.listen({ port: 0, host: '127.0.0.1' });
  };
  afterEach(async () => {
    patienceMs = 300;
    connect = undefined;
    await gateway.close();
    await fleet.close();
    await registry.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  const echo: Behaviour = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.writeHead(201, { 'x-inside': 'yes', connection: 'close, x-private', 'x-private': '1', location: '/x' });
      const { method, url: target, headers } = request;
      response.end(JSON.stringify({ method, target, headers, body: Buffer.concat(chunks).toString() }));
    });
  };

  it('carries target, body and answer, and nothing that is for one connection', async () => {
    await open(await serve(echo));
    const headers = { 'content-type': 'text/x', 'x-user-id': 'root', 'idempotency-key': 'k' };
    const answer = await fetch(`${url}/a%20b?q=%C3%A4&q=2`, { method: 'POST', body: 'hello', headers });
    const seen = (await answer.json()) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method: 'POST', target: '/a%20b?q=%C3%A4&q=2', body: 'hello' });
    expect(seen.headers).toMatchObject({ 'content-length': '5', 'content-type': 'text/x', 'idempotency-key': 'k' });
    expect(seen.headers).not.toHaveProperty('x-user-id');
    expect([answer.status, answer.headers.get('location'), answer.headers.get('x-inside')]).toEqual([201, '/x', 'yes']);
    expect(answer.headers.get('x-private')).toBeNull();
  });

  it('answers with the first half while the second is still to come', async () => {
    let finish = (): void => {};
    await open(
      await serve((_request, response) => {
        response.write('first ');
        finish = () => response.end('second');
      }),
    );
    const reader = (await fetch(`${url}/`)).body!.getReader();
    const text = async () => Buffer.from((await reader.read()).value ?? '').toString();
    expect(await text()).toBe('first ');
    finish();
    expect(await text()).toBe('second');
  });

  it.each([
    ['by its length', 'x'.repeat(262_145)],
    ['on the way', new ReadableStream({ start: (all) => (all.enqueue(Buffer.alloc(300_000)), all.close()) })],
  ])('stops a body that is too long, %s', async (_how, body) => {
    await open(await serve(echo));
    const answer = await fetch(`${url}/`, { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect([answer.status, await answer.json()]).toEqual([413, { slug: 'body-too-large' }]);
  });

  it('goes to another replica when one refuses, with the body still whole', async () => {
    await open(await gone(), await serve(echo));
    for (let round = 0; round < 3; round++) {
      const answer = await fetch(`${url}/`, { method: 'POST', body: 'hello' });
      expect(await answer.json()).toMatchObject({ body: 'hello' });
    }
    expect(fleet.all().map(({ usable }) => usable)).toEqual([false, true]);
  });

  /** Every connection to this address breaks off before it is made. */
  const breakOff = (address: string): void => {
    const real = buildConnector({ allowH2: false });
    connect = (options, callback) => {
      if (!address.endsWith(`:${options.port}`)) return real(options, callback);
      callback(Object.assign(new Error('in the middle of a handshake'), { code: 'ECONNRESET' }), null);
    };
  };

  it.each(['GET', 'POST'])('goes to another one when a connection breaks off before it is made, %s', async (method) => {
    const broken = await serve(echo);
    breakOff(broken);
    await open(broken, await serve(echo));
    const answer = await fetch(`${url}/`, { method, ...(method === 'POST' && { body: 'hello' }) });
    expect([answer.status, await answer.json()]).toEqual([201, expect.objectContaining({ method })]);
  });

  it.each(['hello', undefined])(
    'does not call the outcome of a write unknown that was never sent, body %s',
    async (body) => {
      const broken = await serve(echo);
      breakOff(broken);
      await open(broken);
      const answer = await fetch(`${url}/`, { method: 'POST', ...(body && { body }) });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    },
  );

  it('says at once that nobody answers, and when to come back', async () => {
    await open(await gone());
    const began = performance.now();
    const answer = await fetch(`${url}/`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('tells a lost answer from a late one, and repeats neither of a write', async () => {
    let asked = 0;
    await open(
      await serve((request) => {
        asked += 1;
        request.resume();
        if (request.url === '/lost') request.once('end', () => request.socket.destroy());
      }),
    );
    const post = async (path: string) => {
      const answer = await fetch(`${url}${path}`, { method: 'POST', body: 'x' });
      return [answer.status, ((await answer.json()) as { slug: string }).slug];
    };
    expect(await post('/lost')).toEqual([502, 'bad-gateway']);
    expect(await post('/late')).toEqual([504, 'deadline-exceeded']);
    expect(asked).toBe(2);
  });

  it('asks for a lost read again', async () => {
    let asked = 0;
    await open(await serve((request, response) => (++asked === 1 ? request.socket.destroy() : response.end('there'))));
    expect(await (await fetch(`${url}/`)).text()).toBe('there');
  });

  it('asks a context that is down a tenth more often, not three times as often', async () => {
    let asked = 0;
    patienceMs = 10_000;
    const down: Behaviour = (request) => (asked++, request.socket.destroy());
    await open(await serve(down), await serve(down), await serve(down));
    for (let round = 0; round < 40; round++)
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          const answer = await fetch(`${url}/`);
          expect(answer.status).toBe(502);
          await answer.arrayBuffer();
        }),
      );
    expect(asked).toBe(440);
    expect([retries.get('sent'), (retries.get('denied') ?? 0) > 300]).toEqual([asked - 400, true]);
  });

  it('breaks off an answer that breaks off', async () => {
    await open(
      await serve((_request, response) => {
        response.writeHead(200, { 'content-length': '10' });
        response.write('half', () => response.destroy());
      }),
    );
    await expect(fetch(`${url}/`).then((answer) => answer.text())).rejects.toThrow();
  });

  const underWay = (count: number) =>
    eventually(() => fleet.all()[0]!.inFlight === count, {
      what: () => `${count} requests under way; it is ${fleet.all()[0]!.inFlight}`,
    });

  it('stops the work when the client goes away', async () => {
    const left = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await open(
      await serve((_request, response) => {
        response.once('close', () => left.resolve());
        arrived.resolve();
      }),
    );
    const client = new AbortController();
    const asked = fetch(`${url}/`, { signal: client.signal });
    asked.catch(() => {});
    await arrived.promise;
    client.abort();
    await left.promise;
    await underWay(0);
  });

  it('lets a client go that leaves while no connection is free', async () => {
    patienceMs = 30_000;
    await open(await serve(() => {}));
    const asked = Array.from({ length: 5 }, () => new AbortController()); // over four connections
    for (const { signal } of asked) fetch(`${url}/`, { signal }).catch(() => {});
    await underWay(5);
    asked.pop()!.abort();
    await underWay(4);
    for (const one of asked) one.abort();
    await underWay(0);
  });
});
