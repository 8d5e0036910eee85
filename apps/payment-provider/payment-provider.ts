import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { acmeRoutes } from './acme/acme-routes.js';
import { acmeWebhooks } from './acme/acme-webhooks.js';
import { Alarm } from './alarm.js';
import { controlRoutes } from './control/control-routes.js';
import { Counter, trapPath } from './faults/counter.js';
import { FaultScript } from './faults/fault-script.js';
import { Line } from './faults/line.js';
import { PaymentTokens } from './faults/payment-tokens.js';
import { globexRoutes } from './globex/globex-routes.js';
import { globexWebhooks } from './globex/globex-webhooks.js';
import { Ledger } from './ledger/ledger.js';
import { openStore } from './ledger/store.js';
import type { Settings } from './settings.js';
import { WebhookPost } from './webhooks/webhook-post.js';

export interface PaymentProvider {
  url: string;
  close(): Promise<void>;
}

/** Somebody else's payment systems: two providers, one process, one durable ledger. */
export async function startPaymentProvider(settings: Settings): Promise<PaymentProvider> {
  const store = openStore(settings.dataDirectory);
  const script = new FaultScript(store);
  const styles = { acme: acmeWebhooks(settings.acme), globex: globexWebhooks(settings.globex) };
  const webhooks = new WebhookPost(store, script, styles, settings.webhookUrl);
  const ledger = new Ledger(store, (entry) => webhooks.enqueue(entry));
  const line = new Line(settings.hangMs);
  const counter = new Counter(script, new PaymentTokens(store), ledger, line);
  const decisions = new Alarm(
    () => ledger.nextDecisionAt(),
    () => ledger.decideDue(Date.now()),
  );

  const app = Fastify({
    bodyLimit: 64 * 1024,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
  });
  app.get('/livez', () => ({ status: 'ok' }));
  app.get('/readyz', () => ({ status: 'ok' }));
  let redirectsFollowed = 0;
  app.all(trapPath, () => ({ redirectsFollowed: ++redirectsFollowed }));
  await app.register(acmeRoutes({ ledger, counter, apiKey: settings.acme.apiKey }), { prefix: '/acme/v1' });
  await app.register(
    globexRoutes({
      ledger,
      counter,
      apiKey: settings.globex.apiKey,
      outcomeDelayMs: settings.outcomeDelayMs,
      expectOutcome: () => decisions.set(),
    }),
    { prefix: '/globex/api' },
  );
  await app.register(
    controlRoutes({
      script,
      ledger,
      webhooks,
      controlKey: settings.controlKey,
      redirectsFollowed: () => redirectsFollowed,
    }),
    {
      prefix: '/_control',
    },
  );
  app.addHook('preClose', (done) => {
    line.hangUp();
    done();
  });

  await app.listen({ host: settings.host, port: settings.port });
  decisions.set();
  webhooks.start();

  return {
    url: `http://${settings.host}:${(app.server.address() as AddressInfo).port}`,
    async close() {
      await app.close();
      decisions.stop();
      await webhooks.stop();
      store.close();
    },
  };
}
