import { newId } from '@holdfast/messaging';
import { startPaymentProvider } from '../../../apps/payment-provider/payment-provider.js';
import { Payments1763600000001 } from '../../../migrations/payments/0001-payments.js';
import { RefundReasons1795996800003 } from '../../../migrations/payments/0002-refund-reasons.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import { CapturePayment, RefundPayment as RefundAsked, VoidPayment } from './contracts/commands.js';
import { providerKey } from './domain/provider-key.js';
import { ListPayments } from './list-payments/list-payments.js';
import { PaymentsOnPostgres, operator, total, until } from './payments.fixture.js';
import { ReceiveWebhook } from './receive-webhook/receive-webhook.js';
import { RefundPayment } from './refund-payment/refund-payment.js';

const own = ownDatabase('payments', [Payments1763600000001, RefundReasons1795996800003]);
let payments: PaymentsOnPostgres;

beforeAll(async () => {
  payments = await PaymentsOnPostgres.start({ pool: own.pool, startStandIn: startPaymentProvider });
  own.cleanUp.defer(() => payments.stop());
});

describe.each(['acme', 'globex'])('a payment at %s', (provider) => {
  it.each(['tok_ok', 'tok_timeout_then_ok', 'tok_unknown_then_ok', 'tok_flaky'])(
    'is authorised with %s',
    async (token) => {
      const orderId = await payments.authorise(provider, token);
      await payments.told(orderId, 'authorised');
      await payments.quiet();
      expect(await payments.eventsOf(orderId)).toEqual(['authorised']);
      expect(await payments.moved(orderId)).toEqual(['authorise done 900']);
      expect(await payments.paymentOf(orderId)).toMatchObject({
        status: 'authorised',
        provider,
        amount: total,
        captured: 0,
      });
    },
  );

  it('is declined, and says why', async () => {
    const orderId = await payments.authorise(provider, 'tok_declined');
    await payments.told(orderId, 'declined');
    await payments.quiet();
    expect(await payments.eventsOf(orderId)).toEqual(['declined']);
    expect(await payments.paymentOf(orderId)).toMatchObject({ status: 'declined', declinedBecause: 'card-declined' });
  });

  it.each(['lose-reply', 'error503', 'hang'])('is captured once although the capture met %s', async (kind) => {
    const orderId = await payments.authorise(provider);
    await payments.told(orderId, 'authorised');
    await payments.disturb({ provider, operation: 'capture', kind });
    await payments.send(CapturePayment, { orderId });
    await payments.told(orderId, 'captured');
    await payments.quiet();
    expect(await payments.eventsOf(orderId)).toEqual(['authorised', 'captured']);
    expect(await payments.moved(orderId)).toEqual(['authorise done 900', 'capture done 900']);
  });

  it('moves money once although the process dies between call and record', async () => {
    payments.killNext('perform-authorisation-handler');
    payments.killNext('perform-capture-handler');
    payments.killNext('perform-refund-handler');
    const orderId = await payments.captured(provider);
    await payments.refunds.execute(new RefundPayment((await payments.paymentOf(orderId)).id, { amount: 900 }));
    await payments.told(orderId, 'refunded');
    await payments.quiet();
    expect(await payments.eventsOf(orderId)).toEqual(['authorised', 'captured', 'refunded']);
    expect(await payments.moved(orderId)).toEqual(['authorise done 900', 'capture done 900', 'refund done 900']);
    expect(payments.killed.size).toBe(0);
  });

  it('is voided after it was authorised', async () => {
    const orderId = await payments.authorise(provider);
    await payments.told(orderId, 'authorised');
    await payments.send(VoidPayment, { orderId });
    await payments.told(orderId, 'voided');
    await payments.quiet();
    expect(await payments.eventsOf(orderId)).toEqual(['authorised', 'voided']);
    expect(await payments.moved(orderId)).toEqual(['authorise done 900', 'void done 900']);
  });

  it('is voided before it was asked for, and then refused', async () => {
    const orderId = newId();
    await payments.send(VoidPayment, { orderId });
    await payments.told(orderId, 'voided');
    await payments.authorise(provider, 'tok_ok', orderId);
    await payments.told(orderId, 'declined');
    expect(await payments.eventsOf(orderId)).toEqual(['voided', 'declined']);
    expect(await payments.moved(orderId)).toEqual([]);
  });

  it.each(['tok_ok', 'tok_timeout_then_ok', 'tok_unknown_then_ok'])(
    'is voided while its outcome is unknown (%s), and nothing stays held',
    async (token) => {
      const orderId = await payments.authorise(provider, token);
      await payments.send(VoidPayment, { orderId });
      await payments.told(orderId, 'voided');
      await payments.quiet();
      expect((await payments.eventsOf(orderId)).filter((event) => event === 'voided')).toHaveLength(1);
      const movements = await payments.moved(orderId);
      expect(movements).toEqual(movements.length === 0 ? [] : ['authorise done 900', 'void done 900']);
      expect(await payments.paymentOf(orderId)).toMatchObject({ status: 'voided', captured: 0 });
    },
  );

  it('lets go of what an overtaken call authorises after the void', async () => {
    await payments.disturb({ provider, operation: 'authorise', kind: 'hang', times: 1_000 });
    const orderId = await payments.authorise(provider);
    await payments.send(VoidPayment, { orderId });
    await payments.told(orderId, 'voided');
    await payments.quiet();
    await payments.calmDown();
    expect(await payments.moved(orderId)).toEqual([]);

    // The call that timed out reaches the provider only now; its webhook is all that we hear of it.
    const key = providerKey({ kind: 'authorise', paymentId: (await payments.paymentOf(orderId)).id });
    await payments.providers.of(provider).authorise({ key, orderId, amount: total, token: 'tok_ok' });
    await until('the release', async () => (await payments.moved(orderId)).includes('void done 900'));
    await payments.quiet();
    expect(await payments.eventsOf(orderId)).toEqual(['voided']);
    expect(await payments.paymentOf(orderId)).toMatchObject({ status: 'voided', captured: 0 });
  });

  it('is refunded whole when it is voided after the capture', async () => {
    const orderId = await payments.captured(provider);
    await payments.send(VoidPayment, { orderId });
    await payments.told(orderId, 'voided');
    await payments.quiet();
    expect(await payments.eventsOf(orderId)).toEqual(['authorised', 'captured', 'refunded', 'voided']);
    expect(await payments.paymentOf(orderId)).toMatchObject({ status: 'refunded', refunded: 900 });
  });

  it('is refunded in part for a neighbour, once under each id, and refuses what is too much each time it is asked', async () => {
    const orderId = await payments.captured(provider);
    const ask = (refundId: string, amount: number) =>
      payments.send(RefundAsked, { orderId, refundId, amount: { amount, currency: 'EUR' } });
    const [fits, tooMuch] = [newId(), newId()];
    await ask(fits, 400);
    await payments.told(orderId, 'refunded');
    await ask(tooMuch, 501);
    await payments.told(orderId, 'refund-refused');
    await payments.quiet();
    expect(new Set(await payments.eventsOf(orderId))).toEqual(
      new Set(['authorised', 'captured', 'refunded', 'refund-refused']),
    );
    expect((await payments.paymentOf(orderId)).refunds).toEqual([
      { id: fits, amount: 400, status: 'refunded' },
      { id: tooMuch, amount: 501, status: 'refused' },
    ]);
    expect(await payments.moved(orderId)).toEqual(['authorise done 900', 'capture done 900', 'refund done 400']);
    const { rows } = await payments.pool.query<{ key: string; reason: string }>(
      `select distinct key, envelope->'data'->>'reason' as reason from outbox where type = 'payments.refund-refused.v1' and key = $1`,
      [tooMuch],
    );
    expect(rows).toEqual([{ key: tooMuch, reason: 'at most 500 can be refunded' }]);
  });

  it('is refunded for a reason that staff can read, and that is in no event', async () => {
    const orderId = await payments.captured(provider);
    const { id } = await payments.paymentOf(orderId);
    const reason = 'her daughter is in hospital';
    for (const input of [{ amount: 100, reason }, { amount: 200 }]) {
      await payments.refunds.execute(new RefundPayment(id, input));
    }
    await payments.quiet();
    const refundsFor = async (who: { id: string; roles: string[] }) =>
      (await payments.list.execute(new ListPayments(orderId, who))).items[0]!.refunds.map((one) => one.reason);
    expect(await refundsFor(operator)).toEqual([reason, undefined]);
    const { rows: requested } = await payments.pool.query<{ by: string }>(
      `select data->>'customerId' as by from event where stream_id = $1 and type = 'payment-requested'`,
      [orderId],
    );
    expect(await refundsFor({ id: requested[0]!.by, roles: [] })).toEqual([undefined, undefined]);
    const told = `select data::text from event union all select envelope::text from outbox`;
    const { rows } = await payments.pool.query(`select from (${told}) told(words) where words like '%hospital%'`);
    expect(rows).toEqual([]);
  });

  it('is never refunded beyond what was captured, however many ask at once', async () => {
    const orderId = await payments.captured(provider);
    const { id } = await payments.paymentOf(orderId);
    const wishes = Array.from({ length: 20 }, () => payments.refunds.execute(new RefundPayment(id, { amount: 100 })));
    const outcomes = await Promise.allSettled(wishes);
    const granted = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(granted).toBeGreaterThan(0);
    expect(granted).toBeLessThanOrEqual(9);
    await payments.quiet();
    expect(await payments.paymentOf(orderId)).toMatchObject({ captured: 900, refunded: granted * 100 });
    expect((await payments.moved(orderId)).filter((movement) => movement === 'refund done 100')).toHaveLength(granted);
  });

  it('hears every webhook twice without effect', async () => {
    for (const operation of ['authorise', 'capture'])
      await payments.disturb({ provider, operation, kind: 'duplicate-webhook' });
    const orderId = await payments.captured(provider);
    await payments.quiet();
    expect(await payments.eventsOf(orderId)).toEqual(['authorised', 'captured']);
  });

  it('is nobody else’s business', async () => {
    const orderId = await payments.authorise(provider);
    await payments.told(orderId, 'authorised');
    const stranger = { id: newId(), roles: ['customer'] };
    await expect(payments.list.execute(new ListPayments(orderId, stranger))).rejects.toMatchObject({ status: 404 });
    await expect(payments.list.execute(new ListPayments(newId(), operator))).rejects.toMatchObject({ status: 404 });
  });
});

it('declines at once at a provider that nobody knows', async () => {
  const orderId = await payments.authorise('initech');
  await payments.told(orderId, 'declined');
  expect(await payments.paymentOf(orderId)).toMatchObject({ status: 'declined', declinedBecause: 'unknown-provider' });
});

it('does not believe an unsigned webhook', async () => {
  const forged = new ReceiveWebhook('acme', { headers: {}, body: Buffer.from('{}') });
  await expect(payments.webhooks.execute(forged)).rejects.toMatchObject({ status: 401 });
});

it('can account for every cent', async () => {
  await payments.quiet();
  const books = await payments.balances();
  expect(Object.values(books).reduce((sum, balance) => sum + balance, 0)).toBe(0);
  const entries = await payments.movements();
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
    await expect(payments.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
  },
);
