import { Database, Road, type MessageHandler } from '@holdfast/data-consistency';
import { InProcessConveyor, handlersOf, newId, seal, type AnyContract, type DataOf } from '@holdfast/messaging';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { AuthorisePayment, CapturePayment } from './contracts/commands.js';
import { ListPayments, ListPaymentsHandler } from './list-payments/list-payments.js';
import { OnAuthorisePayment } from './on-authorise-payment/on-authorise-payment.js';
import { OnCapturePayment } from './on-capture-payment/on-capture-payment.js';
import { OnRefundPayment } from './on-refund-payment/on-refund-payment.js';
import { OnVoidPayment } from './on-void-payment/on-void-payment.js';
import { PaymentStore } from './payment.store.js';
import type { PaymentView } from './payment.view.js';
import { PerformAuthorisationHandler } from './perform-authorisation/perform-authorisation.js';
import { PerformCaptureHandler } from './perform-capture/perform-capture.js';
import { PerformRefundHandler } from './perform-refund/perform-refund.js';
import { PerformVoidHandler } from './perform-void/perform-void.js';
import { PaymentProviders } from './provider.js';
import { AcmeProvider } from './providers/acme/acme-provider.js';
import { GlobexProvider } from './providers/globex/globex-provider.js';
import { ReceiveWebhook, ReceiveWebhookHandler } from './receive-webhook/receive-webhook.js';
import { RecordProviderNewsHandler } from './record-provider-news/record-provider-news.js';
import { RefundPaymentHandler } from './refund-payment/refund-payment.js';

const controlKey = 'the-key-of-the-test-room';
const secrets = { apiKey: 'an-api-key-of-some-length', webhookSecret: 'a-webhook-secret-of-some-length' };

export const total = { amount: 900, currency: 'EUR' };
export const operator = { id: newId(), roles: ['operator'] };

interface StandIn {
  url: string;
  close(): Promise<void>;
}

/** A context knows neither its database nor anybody's stand-in: whoever tests it brings them. */
export interface Surroundings {
  pool: pg.Pool;
  startStandIn(settings: {
    host: string;
    port: number;
    dataDirectory: string;
    webhookUrl: string;
    acme: typeof secrets;
    globex: typeof secrets;
    controlKey: string;
    hangMs: number;
    outcomeDelayMs: number;
  }): Promise<StandIn>;
}

export interface ProviderFault {
  provider: string;
  operation: string;
  kind: string;
  delayMs?: number;
  times?: number;
}

interface Movement {
  operation: string;
  outcome: string;
  amount: number;
}

/** The whole context but its HTTP routes: a road on PostgreSQL under the role of production, and the stand-in calling back. */
export class PaymentsOnPostgres {
  readonly list: ListPaymentsHandler;
  readonly refunds: RefundPaymentHandler;
  readonly webhooks: ReceiveWebhookHandler;
  readonly providers: PaymentProviders;
  private readonly conveyor = new InProcessConveyor();
  private readonly road: Road;
  readonly killed = new Set<string>();

  private constructor(
    readonly pool: pg.Pool,
    private readonly standIn: StandIn,
    private readonly cleanUp: AsyncDisposableStack,
  ) {
    const database = new Database(pool);
    const { conveyor } = this;
    this.road = new Road({
      context: 'payments',
      database,
      conveyor,
      projections: [],
      observed: () => {},
      failed: () => {},
    });
    this.providers = providersAt(standIn.url);
    const { providers } = this;
    const store = new PaymentStore(this.road.events, database);
    this.list = new ListPaymentsHandler(store);
    this.refunds = new RefundPaymentHandler(this.road.work, store);
    this.webhooks = new ReceiveWebhookHandler(this.road.work, providers);
    const handlers = [
      new OnAuthorisePayment(store, providers),
      new OnVoidPayment(store),
      new OnCapturePayment(store),
      new OnRefundPayment(store),
      new PerformAuthorisationHandler(store, providers),
      new PerformVoidHandler(store, providers),
      new PerformCaptureHandler(store, providers),
      new PerformRefundHandler(store, providers),
      new RecordProviderNewsHandler(store),
    ];
    this.road.connect(handlers.flatMap((handler) => this.handlersIn(handler)));
    this.road.start();
  }

  static async start({ pool, startStandIn }: Surroundings): Promise<PaymentsOnPostgres> {
    const cleanUp = new AsyncDisposableStack();
    const taker: { payments?: PaymentsOnPostgres } = {};
    const callbacks = createServer((request, response) => void taker.payments?.takeWebhook(request, response));
    await new Promise<void>((resolve) => callbacks.listen(0, '127.0.0.1', resolve));
    cleanUp.defer(() => {
      callbacks.close();
      callbacks.closeAllConnections();
    });
    const dataDirectory = await mkdtemp(join(tmpdir(), 'holdfast-payments-'));
    cleanUp.defer(() => rm(dataDirectory, { recursive: true, force: true }));
    const webhookUrl = `http://127.0.0.1:${(callbacks.address() as AddressInfo).port}/webhooks`;
    const place = {
      host: '127.0.0.1',
      port: 0,
      dataDirectory,
      webhookUrl,
      controlKey,
      hangMs: 5_000,
      outcomeDelayMs: 50,
    };
    const standIn = await startStandIn({ ...place, acme: secrets, globex: secrets });
    cleanUp.defer(() => standIn.close());
    taker.payments = new PaymentsOnPostgres(pool, standIn, cleanUp);
    return taker.payments;
  }

  async stop(): Promise<void> {
    await this.road.stopHandling();
    await this.road.releaseLeadership();
    await this.cleanUp.disposeAsync();
  }

  /** Every message comes twice: once is what at-least-once never promises. */
  async send<Contract extends AnyContract>(contract: Contract, data: DataOf<Contract>): Promise<void> {
    const message = seal({ contract, data }, { source: 'checkout', time: new Date() });
    await this.conveyor.carry([message]);
    await this.conveyor.carry([message]);
  }

  async authorise(provider: string, token = 'tok_ok', orderId = newId()): Promise<string> {
    await this.send(AuthorisePayment, { orderId, customerId: newId(), amount: total, method: { provider, token } });
    return orderId;
  }

  async captured(provider: string): Promise<string> {
    const orderId = await this.authorise(provider);
    await this.told(orderId, 'authorised');
    await this.send(CapturePayment, { orderId });
    await this.told(orderId, 'captured');
    return orderId;
  }

  /** The public events about an order, in order. */
  async eventsOf(orderId: string): Promise<string[]> {
    const sql = `select type from outbox where envelope->'data'->>'orderId' = $1 and type ~ '^payments[.](payment|refund)-' order by xid, position`;
    const { rows } = await this.pool.query<{ type: string }>(sql, [orderId]);
    return rows.map(({ type }) => type.replace(/^payments\.(?:payment-)?(.*)\.v1$/, '$1'));
  }

  told(orderId: string, event: string): Promise<true> {
    return until(`${event} of ${orderId}`, async () => (await this.eventsOf(orderId)).includes(event));
  }

  /** Until nothing waits here, nothing is undecided there and no webhook is on its way. */
  quiet(): Promise<true> {
    return until('quiet', async () => {
      const { pendingWebhooks, pendingOutcomes } = await this.control<Record<string, number>>('health');
      const { rows } = await this.pool.query(
        `select from outbox where (xid, position) > (select xid, position from relay_cursor)
         union all select from inbox where done_at is null`,
      );
      return [rows.length, pendingWebhooks, pendingOutcomes].every((left) => left === 0);
    });
  }

  async paymentOf(orderId: string): Promise<PaymentView> {
    return (await this.list.execute(new ListPayments(orderId, operator))).items[0]!;
  }

  async balances(): Promise<Record<string, number>> {
    const { rows } = await this.pool.query<{ account: string; balance: string }>(
      `select account, sum(debit - credit) as balance from ledger_entry group by account`,
    );
    return Object.fromEntries(rows.map(({ account, balance }) => [account, Number(balance)]));
  }

  /** What really happened to the money, on the provider's own books. */
  async movements(orderId?: string): Promise<Movement[]> {
    const query = orderId === undefined ? '' : `?reference=${orderId}`;
    return (await this.control<{ entries: Movement[] }>(`ledger${query}`)).entries;
  }

  async moved(orderId: string): Promise<string[]> {
    return (await this.movements(orderId)).map(({ operation, outcome, amount }) => `${operation} ${outcome} ${amount}`);
  }

  async disturb(fault: ProviderFault): Promise<void> {
    const headers = { 'x-control-key': controlKey, 'content-type': 'application/json' };
    await fetch(`${this.standIn.url}/_control/faults`, { method: 'POST', headers, body: JSON.stringify(fault) });
  }

  async calmDown(): Promise<void> {
    await fetch(`${this.standIn.url}/_control/faults`, { method: 'DELETE', headers: { 'x-control-key': controlKey } });
  }

  /** The process dies when this handler is done and nothing is committed yet. */
  killNext(handler: string): void {
    this.killed.add(handler);
  }

  private handlersIn(provider: object): MessageHandler[] {
    return handlersOf(provider.constructor).map(({ method, name, contract, lane = '', maxAttempts = 10 }) => ({
      name,
      contract,
      lane,
      maxAttempts,
      backoffMs: [50, 100, 200],
      handle: async (...args) => {
        await (provider as Record<string, (...args: unknown[]) => unknown>)[method]!(...args);
        if (this.killed.delete(name)) throw new Error('killed between call and record');
      },
    }));
  }

  private async control<Answer>(path: string): Promise<Answer> {
    const answer = await fetch(`${this.standIn.url}/_control/${path}`, { headers: { 'x-control-key': controlKey } });
    return (await answer.json()) as Answer;
  }

  private async takeWebhook(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat((await request.toArray()) as Buffer[]);
    const provider = request.url === '/webhooks/acme' ? 'acme' : 'globex';
    const taken = this.webhooks.execute(new ReceiveWebhook(provider, { headers: request.headers, body }));
    response
      .writeHead(
        await taken.then(
          () => 200,
          () => 401,
        ),
      )
      .end();
  }
}

export async function until<T>(what: string, look: () => Promise<T>): Promise<Exclude<T, false>> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (seen !== false) return seen as Exclude<T, false>;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await pause(25);
  }
}

function providersAt(url: string): PaymentProviders {
  const options = { apiKey: secrets.apiKey, webhookSecrets: [secrets.webhookSecret], timeoutMs: 300 };
  return new PaymentProviders(
    new Map<string, AcmeProvider | GlobexProvider>([
      ['acme', new AcmeProvider({ ...options, url: `${url}/acme` })],
      ['globex', new GlobexProvider({ ...options, url: `${url}/globex` })],
    ]),
  );
}
