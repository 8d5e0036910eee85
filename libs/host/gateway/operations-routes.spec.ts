import { FileRegistry, Fleet } from '@holdfast/routing';
import Fastify, { type FastifyInstance } from 'fastify';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProblemException } from '../http/problem/problem.exception.js';
import { OperationsRoutes } from './operations-routes.js';
import { PassThrough } from './pass-through.js';

const PATHS = ['/ops/backlog', '/ops/topology'];
const REDRIVE = '/ops/messages/:id/redrive';
const CLOSED = { open: false, webhook: false };

describe('what operators ask of all processes', () => {
  const servers: Server[] = [];
  let fleet: Fleet;
  let registry: FileRegistry;
  let gateway: FastifyInstance;

  /** A process that answers for some contexts. */
  const process = (...contexts: string[]): Promise<string> =>
    serve((_request, response) => {
      const items = contexts.map((context) => ({ context, pid: contexts.length }));
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ items }));
    });
  /** A process that says the same to whatever it is asked. */
  const saying = (status: number): Promise<string> =>
    serve((_request, response) => response.writeHead(status).end(`{"said":${status}}`));
  const serve = async (behave: RequestListener): Promise<string> => {
    const server = createServer((request, response) =>
      request.url === '/readyz' ? response.end() : behave(request, response),
    );
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const open = async (instances: Record<string, string[]>) => {
    registry = new FileRegistry({ source: JSON.stringify(instances) });
    fleet = new Fleet({ registry, services: Object.keys(instances), timeoutMs: 500, connections: 4 });
    await fleet.start(1_000);
    const identity = { headers: () => [] };
    const routes = new OperationsRoutes(fleet, new PassThrough(fleet, { identity }), identity, {
      spans: { trace: () => [] },
    });
    gateway = Fastify();
    gateway.setErrorHandler((error, _request, reply) => {
      const problem = error as unknown as ProblemException;
      return reply.code(problem.getStatus?.() ?? 500).send({ slug: problem.slug });
    });
    for (const path of PATHS)
      gateway.get(path, (request, reply) => routes.answer({ method: 'GET', path, ...CLOSED }, request, reply));
    const redrive = { method: 'POST', path: REDRIVE, ...CLOSED };
    gateway.post(REDRIVE, (request, reply) => routes.answer(redrive, request, reply));
    await gateway.ready();
  };
  afterEach(async () => {
    await gateway.close();
    await fleet.close();
    await registry.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('is one list of everybody', async () => {
    const [toys, books] = [await process('toys'), await process('books', 'maps')];
    await open({ toys: [toys], books: [books], maps: [books] });
    const { items } = (await gateway.inject('/ops/backlog')).json<{ items: { context: string }[] }>();
    expect(items.map(({ context }) => context)).toEqual(['toys', 'books', 'maps']);
  });

  it.each(PATHS)('may be asked for its headers alone: HEAD %s', async (path) => {
    await open({ toys: [await process('toys')] });
    const answer = await gateway.inject({ method: 'HEAD', url: path });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });

  it('shows who lives where also while somebody is away', async () => {
    const [toys, books] = [await process('toys'), await process('books')];
    servers.pop()!.close();
    await open({ toys: [toys], books: [books], maps: [] });
    const answer = await gateway.inject('/ops/topology');
    expect(answer.json()).toMatchObject({
      items: [
        { context: 'toys', url: toys, state: 'ready', pid: 1 },
        { context: 'books', url: books, state: 'away' },
      ],
    });
  });

  it('shows who lives where also while somebody has too much to do to say so', async () => {
    await open({ toys: [await process('toys')], books: [await saying(503)] });
    const { items } = (await gateway.inject('/ops/topology')).json<{ items: object[] }>();
    expect(items).toMatchObject([{ context: 'toys', pid: 1 }, { context: 'books' }]);
  });

  it('shows nobody to whom one of them shows nothing', async () => {
    await open({ toys: [await process('toys')], books: [await saying(403)] });
    expect((await gateway.inject('/ops/topology')).json()).toEqual({ said: 403 });
  });

  describe('an act on what one of them knows', () => {
    const redrive = async () => {
      const answer = await gateway.inject({ method: 'POST', url: '/ops/messages/1/redrive' });
      return [answer.statusCode, answer.json()];
    };
    const dying = () => serve((request) => request.socket.destroy());

    it('is done although nobody answers for another context', async () => {
      await open({ maps: [], toys: [await saying(404)], books: [await saying(200)] });
      expect(await redrive()).toEqual([200, { said: 200 }]);
    });

    it('is done although another process dies over the question', async () => {
      await open({ toys: [await dying()], books: [await saying(200)] });
      expect(await redrive()).toEqual([200, { said: 200 }]);
    });

    it('is refused by whoever knows it, whoever is away', async () => {
      await open({ toys: [await dying()], books: [await saying(409)], maps: [] });
      expect(await redrive()).toEqual([409, { said: 409 }]);
    });

    it('may be known to the one that is away', async () => {
      await open({ toys: [await saying(404)], maps: [] });
      expect(await redrive()).toEqual([503, { slug: 'unavailable' }]);
    });

    it('may have been done by the one that died', async () => {
      await open({ maps: [], books: [await saying(503)], toys: [await dying()] });
      expect(await redrive()).toEqual([502, { slug: 'bad-gateway' }]);
    });

    it('is known to nobody when all of them say so', async () => {
      await open({ toys: [await saying(404)], books: [await saying(404)] });
      expect(await redrive()).toEqual([404, { said: 404 }]);
    });
  });
});
