import { Database, Road, type MessageHandler } from '@holdfast/data-consistency';
import { migrate, roleUrl } from '@holdfast/host';
import { InProcessConveyor, handlersOf, newId, seal, type AnyContract, type DataOf } from '@holdfast/messaging';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import {
  startPaymentProvider,
  type PaymentProvider as StandIn,
} from '../../../apps/payment-provider/payment-provider.js';
import { Payments1763600000001 } from '../../../migrations/payments/0001-payments.js';
import { AuthorisePayment, CapturePayment, VoidPayment } from './contracts/commands.js';
import { ListPayments, ListPaymentsHandler } from './list-payments/list-payments.js';
import { providerKey } from './domain/provider-key.js';
import { OnAuthorisePayment } from './on-authorise-payment/on-authorise-payment.js';
import { OnCapturePayment } from './on-capture-payment/on-capture-payment.js';
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
import { RefundPayment, RefundPaymentHandler } from './refund-payment/refund-payment.js';

// The whole context but its HTTP routes: a road on PostgreSQL under the role of production, and the stand-in calling back.
const name = `payments_${newId().replaceAll('-', '')}`;
const controlKey = 'the-key-of-the-test-room';
const secrets = { apiKey: 'an-api-key-of-some-length', webhookSecret: 'a-webhook-secret-of-some-length' };
const total = { amount: 900, currency: 'EUR' };
const operator = { id: newId(), roles: ['operator'] };

let admin: pg.Client;
let pool: pg.Pool;
let road: Road;
let standIn: StandIn;
let callbacks: Server;
let directory: string;
let conveyor: InProcessConveyor;
let list: ListPaymentsHandler;
let refunds: RefundPaymentHandler;
let webhooks: ReceiveWebhookHandler;
let providers: PaymentProviders;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = Object.assign(new URL(process.env.DATABASE_URL!), { pathname: `/${name}` }).href;
  await migrate({ adminUrl: url, plans: [{ context: 'payments', migrations: [Payments1763600000001] }] });
  pool = new pg.Pool({ connectionString: roleUrl(url, 'payments') });

  callbacks = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request));
    const provider = request.url === '/webhooks/acme' ? 'acme' : 'globex';
    const taken = webhooks.execute(new ReceiveWebhook(provider, { headers: request.headers, body }));
    response
      .writeHead(
        await taken.then(
          () => 200,
          () => 401,
        ),
      )
      .end();
  }).listen(0, '127.0.0.1');
  directory = await mkdtemp(join(tmpdir(), 'holdfast-payments-'));
  standIn = await startPaymentProvider({
    host: '127.0.0.1',
    port: 0,
    dataDirectory: directory,
    webhookUrl: `http://127.0.0.1:${(callbacks.address() as AddressInfo).port}/webhooks`,
    acme: secrets,
    globex: secrets,
    controlKey,
    hangMs: 5_000,
    outcomeDelayMs: 50,
  });
  openContext(new Database(pool));
});

afterAll(async () => {
  await road?.stopHandling();
  await road?.releaseLeadership();
  await standIn?.close();
  callbacks?.close();
  pool?.on('error', () => {}); // the drop below may overtake the goodbyes of its connections
  await pool?.end();
  await admin.query(`drop database if exists ${name} with (force)`);
  await admin.end();
  if (directory) await rm(directory, { recursive: true, force: true });
});

function openContext(database: Database): void {
  conveyor = new InProcessConveyor();
  road = new Road({ context: 'payments', database, conveyor, projections: [], observed: ({ handler, outcome, error, seconds }) => console.log(handler, outcome, seconds, (error as Error)?.message), failed: (p, e) => console.log(p, e) });
  const options = { apiKey: secrets.apiKey, webhookSecrets: [secrets.webhookSecret], timeoutMs: 300 };
  providers = new PaymentProviders(
    new Map<string, AcmeProvider | GlobexProvider>([
      ['acme', new AcmeProvider({ ...options, url: `${standIn.url}/acme` })],
      ['globex', new GlobexProvider({ ...options, url: `${standIn.url}/globex` })],
    ]),
  );
  const store = new PaymentStore(road.events, database);
  list = new ListPaymentsHandler(store);
  refunds = new RefundPaymentHandler(road.work, store);
  webhooks = new ReceiveWebhookHandler(road.work, providers);
  const handlers = [
    new OnAuthorisePayment(store, providers),
    new OnVoidPayment(store),
    new OnCapturePayment(store),
    new PerformAuthorisationHandler(store, providers),
    new PerformVoidHandler(store, providers),
    new PerformCaptureHandler(store, providers),
    new PerformRefundHandler(store, providers),
    new RecordProviderNewsHandler(store),
  ];
  road.connect(handlers.flatMap(handlersIn));
  road.start();
}

function handlersIn(provider: object): MessageHandler[] {
  return handlersOf(provider.constructor).map(({ method, name, contract, lane = '', maxAttempts = 10 }) => ({
    ...{ name, contract, lane, maxAttempts },
    backoffMs: [50, 100, 200],
    handle: (...args) => (provider as Record<string, (...args: unknown[]) => unknown>)[method]!(...args),
  }));
}

/** Every message comes twice: once is what at-least-once never promises. */
async function send<Contract extends AnyContract>(contract: Contract, data: DataOf<Contract>): Promise<void> {
  const message = seal({ contract, data }, { source: 'checkout', time: new Date() });
  await conveyor.carry([message]);
  await conveyor.carry([message]);
}

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await pause(10);
  }
}

/** The public events about an order, in order. */
async function eventsOf(orderId: string): Promise<string[]> {
  const { rows } = await pool.query<{ type: string }>(
    `select type from outbox where key = $1 and type not like '%perform%' and type not like '%news%' order by xid, position`,
    [orderId],
  );
  return rows.map(({ type }) => type.replace(/^payments\.payment-(.*)\.v1$/, '$1'));
}

/** Until nothing waits here, nothing is undecided there and no webhook is on its way. */
const quiet = () =>
  until('quiet', async () => {
    const { rows } = await pool.query('select from inbox where done_at is null limit 1');
    const health = (await (await control('health')).json()) as { pendingWebhooks: number; pendingOutcomes: number };
    const { rows: ahead } = await pool.query(
      'select from outbox where (xid, position) > (select xid, position from relay_cursor) limit 1',
    );
    return rows.length + ahead.length + health.pendingWebhooks + health.pendingOutcomes === 0;
  });

const told = (orderId: string, event: string) =>
  until(`${event} of ${orderId}`, async () => (await eventsOf(orderId)).includes(event));

const control = (path: string, init?: RequestInit) =>
  fetch(`${standIn.url}/_control/${path}`, {
    ...init,
    headers: { 'x-control-key': controlKey, ...(init?.body && { 'content-type': 'application/json' }) },
  });

const disturb = (fault: { provider: string; operation: string; kind: string; delayMs?: number; times?: number }) =>
  control('faults', { method: 'POST', body: JSON.stringify(fault) });

/** What really happened to the money, on the provider's own books. */
async function moved(orderId: string): Promise<string[]> {
  const { entries } = (await (await control(`ledger?reference=${orderId}`)).json()) as {
    entries: { operation: string; outcome: string; amount: number }[];
  };
  return entries.map(({ operation, outcome, amount }) => `${operation} ${outcome} ${amount}`);
}

async function paymentOf(orderId: string): Promise<PaymentView> {
  const { items } = await list.execute(new ListPayments(orderId, operator));
  return items[0]!;
}

async function balances(): Promise<Record<string, number>> {
  const { rows } = await pool.query<{ account: string; balance: string }>(
    `select account, sum(debit - credit) as balance from ledger_entry group by account`,
  );
  return Object.fromEntries(rows.map(({ account, balance }) => [account, Number(balance)]));
}

describe.each(['acme', 'globex'])('a payment at %s', (provider) => {
  async function authorise(token = 'tok_ok'): Promise<string> {
    const orderId = newId();
    await send(AuthorisePayment, { orderId, customerId: newId(), amount: total, method: { provider, token } });
    return orderId;
  }

  async function captured(): Promise<string> {
    const orderId = await authorise();
    await told(orderId, 'authorised');
    await send(CapturePayment, { orderId });
    await told(orderId, 'captured');
    return orderId;
  }

  it.each(['tok_ok', 'tok_timeout_then_ok', 'tok_unknown_then_ok', 'tok_flaky'])(
    'is authorised with %s',
    async (token) => {
      const orderId = await authorise(token);
      await told(orderId, 'authorised');
      await quiet();
      expect(await eventsOf(orderId)).toEqual(['authorised']);
      expect(await moved(orderId)).toEqual(['authorise done 900']);
      expect(await paymentOf(orderId)).toMatchObject({ status: 'authorised', provider, amount: total, captured: 0 });
    },
  );

  it('is declined, and says why', async () => {
    const orderId = await authorise('tok_declined');
    await told(orderId, 'declined');
    await quiet();
    expect(await eventsOf(orderId)).toEqual(['declined']);
    expect(await paymentOf(orderId)).toMatchObject({ status: 'declined', declinedBecause: 'card-declined' });
  });

  it.each(['lose-reply', 'error503', 'hang'])('is captured once although the capture met %s', async (kind) => {
    const orderId = await authorise();
    await told(orderId, 'authorised');
    await disturb({ provider, operation: 'capture', kind });
    await send(CapturePayment, { orderId });
    await told(orderId, 'captured');
    await quiet();
    expect(await eventsOf(orderId)).toEqual(['authorised', 'captured']);
    expect(await moved(orderId)).toEqual(['authorise done 900', 'capture done 900']);
  });

  it('is voided after it was authorised', async () => {
    const orderId = await authorise();
    await told(orderId, 'authorised');
    await send(VoidPayment, { orderId });
    await told(orderId, 'voided');
    await quiet();
    expect(await eventsOf(orderId)).toEqual(['authorised', 'voided']);
    expect(await moved(orderId)).toEqual(['authorise done 900', 'void done 900']);
  });

  it('is voided before it was asked for, and then refused', async () => {
    const orderId = newId();
    await send(VoidPayment, { orderId });
    await told(orderId, 'voided');
    await send(AuthorisePayment, {
      orderId,
      customerId: newId(),
      amount: total,
      method: { provider, token: 'tok_ok' },
    });
    await told(orderId, 'declined');
    expect(await eventsOf(orderId)).toEqual(['voided', 'declined']);
    expect(await moved(orderId)).toEqual([]);
  });

  it.each(['tok_ok', 'tok_timeout_then_ok', 'tok_unknown_then_ok'])(
    'is voided while its outcome is unknown (%s), and nothing stays held',
    async (token) => {
      const orderId = await authorise(token);
      await send(VoidPayment, { orderId });
      await told(orderId, 'voided');
      await quiet();
      expect((await eventsOf(orderId)).filter((event) => event === 'voided')).toHaveLength(1);
      const movements = await moved(orderId);
      expect(movements).toEqual(movements.length === 0 ? [] : ['authorise done 900', 'void done 900']);
      expect(await paymentOf(orderId)).toMatchObject({ status: 'voided', captured: 0 });
    },
  );

  it('lets go of what an overtaken call authorises after the void', async () => {
    const orderId = await authorise('tok_timeout_then_ok');
    await send(VoidPayment, { orderId });
    await told(orderId, 'voided');
    await quiet();
    expect(await moved(orderId)).toEqual([]);

    // The call that timed out reaches the provider only now; its webhook is all that we hear of it.
    const key = providerKey({ kind: 'authorise', paymentId: (await paymentOf(orderId)).id });
    await providers.of(provider).authorise({ key, orderId, amount: total, token: 'tok_ok' });
    await until('the release', async () => (await moved(orderId)).includes('void done 900'));
    await quiet();
    expect(await eventsOf(orderId)).toEqual(['voided']);
    expect(await paymentOf(orderId)).toMatchObject({ status: 'voided', captured: 0 });
  });

  it('is refunded whole when it is voided after the capture', async () => {
    const orderId = await captured();
    await send(VoidPayment, { orderId });
    await told(orderId, 'voided');
    await quiet();
    expect(await eventsOf(orderId)).toEqual(['authorised', 'captured', 'refunded', 'voided']);
    expect(await paymentOf(orderId)).toMatchObject({ status: 'refunded', refunded: 900 });
  });

  it('is never refunded beyond what was captured, however many ask at once', async () => {
    const orderId = await captured();
    const { id } = await paymentOf(orderId);
    const wishes = Array.from({ length: 20 }, () => refunds.execute(new RefundPayment(id, { amount: 100 })));
    const outcomes = await Promise.allSettled(wishes);
    const granted = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(granted).toBeGreaterThan(0);
    expect(granted).toBeLessThanOrEqual(9);
    await quiet();
    expect(await paymentOf(orderId)).toMatchObject({ captured: 900, refunded: granted * 100 });
    expect((await moved(orderId)).filter((movement) => movement === 'refund done 100')).toHaveLength(granted);
  });

  it('hears every webhook twice without effect', async () => {
    for (const operation of ['authorise', 'capture']) await disturb({ provider, operation, kind: 'duplicate-webhook' });
    const orderId = await captured();
    await quiet();
    expect(await eventsOf(orderId)).toEqual(['authorised', 'captured']);
  });

  it('is nobody else’s business', async () => {
    const orderId = await authorise();
    await told(orderId, 'authorised');
    const stranger = { id: newId(), roles: ['customer'] };
    await expect(list.execute(new ListPayments(orderId, stranger))).rejects.toMatchObject({ status: 404 });
    await expect(list.execute(new ListPayments(newId(), operator))).rejects.toMatchObject({ status: 404 });
  });
});

it('declines at once at a provider that nobody knows', async () => {
  const orderId = newId();
  const method = { provider: 'initech', token: 'tok_ok' };
  await send(AuthorisePayment, { orderId, customerId: newId(), amount: total, method });
  await told(orderId, 'declined');
  expect(await paymentOf(orderId)).toMatchObject({ status: 'declined', declinedBecause: 'unknown-provider' });
});

it('does not believe an unsigned webhook', async () => {
  const forged = new ReceiveWebhook('acme', { headers: {}, body: Buffer.from('{}') });
  await expect(webhooks.execute(forged)).rejects.toMatchObject({ status: 401 });
});

it('can account for every cent', async () => {
  await quiet();
  const books = await balances();
  expect(Object.values(books).reduce((sum, balance) => sum + balance, 0)).toBe(0);
  const { entries } = (await (await control('ledger')).json()) as {
    entries: { operation: string; outcome: string; amount: number }[];
  };
  const sum = (operation: string) =>
    entries
      .filter((entry) => entry.operation === operation && entry.outcome === 'done')
      .reduce((total, { amount }) => total + amount, 0);
  expect(books['provider-receivable']).toBe(sum('capture') - sum('refund'));
  expect(books['held-funds']).toBe(sum('authorise') - sum('void') - sum('capture'));
});

it.each(['update ledger_entry set debit = 0', 'delete from ledger_entry', 'truncate ledger_entry'])(
  'cannot be talked out of what is written: %s',
  async (statement) => {
    await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  },
);
