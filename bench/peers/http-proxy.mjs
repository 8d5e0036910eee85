import proxy from '@fastify/http-proxy';
import fastify from 'fastify';

export async function start({ upstream }) {
  const app = fastify();
  await app.register(proxy, { upstream: `http://127.0.0.1:${upstream}`, undici: { connections: 128 } });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: () => app.server.address().port, close: () => app.close() };
}
