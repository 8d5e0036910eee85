import { startApp } from '../../../scripts/launch/app.mjs';
import { eventually } from '../../support/eventually.js';
import { expectProblem } from '../../support/client.js';
import { faultReport } from '../../support/faults/report.js';
import { NatsServer } from '../../support/nats-server.js';
import { type Processes, Shop } from '../../support/shop.js';
import { monolith } from '../../support/topology.js';

const report = faultReport('A broker that comes late');

/** One process that needs a broker, and nobody waits until it is ready. */
const brokered = (url: string): Processes => ({
  prepare: monolith.prepare,
  start: async ({ env, output }) =>
    startApp({ name: 'monolith', env: { ...env, NATS_URL: url, EDGE: 'here' }, output }),
});

it('a process that finds no NATS says so on its port, and starts by itself when it is there', async () => {
  const nats = await NatsServer.start();
  await nats.end();
  try {
    await using shop = await Shop.start(brokered(nats.url), {});
    const ask = (path: string) => shop.get<Record<string, unknown>>(path).catch(() => undefined);
    const live = await eventually(() => ask('/livez'), { what: 'it answers', withinMs: 30_000 });
    expect(live.status).toBe(200);
    expect((await ask('/readyz'))!.body).toEqual({ status: 'error', reasons: ['waiting for NATS'] });
    const health = (await ask('/healthz'))!;
    expect(health.status).toBe(503);
    const at = nats.url.replace('nats://', '');
    expect(health.body.details).toEqual({
      NATS: { status: 'down', at, message: expect.stringContaining('does not answer') },
    });
    const refused = await shop.get('/api/v1/products');
    expect(refused.headers.get('retry-after')).toBe('1');
    expectProblem(refused, 503, 'unavailable');

    await nats.restart();
    await eventually(async () => (await ask('/readyz'))?.status === 200, {
      what: 'it started by itself',
      withinMs: 60_000,
    });
    expect((await shop.get('/api/v1/products')).status).toBe(200);
    const { details } = (await ask('/healthz'))!.body as { details: Record<string, object> };
    expect(details.nats).toMatchObject({ status: 'up', state: 'connected', reconnects: 0 });

    await nats.end();
    const down = await eventually(async () => ((await ask('/healthz'))?.status === 503 ? ask('/healthz') : undefined), {
      what: 'it is noticed',
    });
    expect(down.body.details).toMatchObject({ nats: { status: 'down', state: 'reconnecting' } });
    expect((await ask('/readyz'))!.status).toBe(200); // what it can do without the broker it does
    expect((await shop.get('/metrics')).text).toMatch(/^nats_connected 0$/m);
    await nats.restart();
    const again = async () => /^nats_reconnects [1-9]/m.test((await shop.get('/metrics')).text);
    await eventually(again, { what: 'it is connected again' });
    const lag = (await shop.get('/metrics')).text;
    expect(lag).toMatch(/^stream_lag_messages\{context="checkout",stream="orders"\} \d+$/m);
    report('NATS not there at boot', '503 with the reason on its own port; ready by itself when NATS came');
    report('NATS away later', 'ready, /healthz down, reconnects counted');
  } finally {
    await nats.remove();
  }
}, 180_000);
