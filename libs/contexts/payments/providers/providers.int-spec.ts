import { newId } from '@holdfast/messaging';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  startPaymentProvider,
  type PaymentProvider as StandIn,
} from '../../../../apps/payment-provider/payment-provider.js';
import { providerKey } from '../domain/provider-key.js';
import { OutcomeUnknown, askThenCall } from '../provider.call.js';
import type { AuthorisationAnswer, MovementAnswer, PaymentProvider } from '../provider.js';
import { AcmeProvider } from './acme/acme-provider.js';
import { GlobexProvider } from './globex/globex-provider.js';

// One suite for both: what differs between them must not be seen on this side of the port.
describe.each(['acme', 'globex'] as const)('the provider %s', (name) => {
  const controlKey = 'the-key-of-the-test-room';
  let directory: string;
  let standIn: StandIn;
  let provider: PaymentProvider;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-payments-'));
    const secrets = { apiKey: 'an-api-key-of-some-length', webhookSecret: 'a-webhook-secret-of-some-length' };
    standIn = await startPaymentProvider({
      host: '127.0.0.1',
      port: 0,
      dataDirectory: directory,
      webhookUrl: 'http://127.0.0.1:9', // nobody listens: this suite only asks
      acme: secrets,
      globex: secrets,
      controlKey,
      hangMs: 5_000,
      outcomeDelayMs: 20,
    });
    const options = { apiKey: secrets.apiKey, webhookSecrets: [secrets.webhookSecret], timeoutMs: 300 };
    provider =
      name === 'acme'
        ? new AcmeProvider({ ...options, url: `${standIn.url}/acme` })
        : new GlobexProvider({ ...options, url: `${standIn.url}/globex` });
  });

  afterAll(async () => {
    await standIn.close();
    await rm(directory, { recursive: true, force: true });
  });

  const amount = { amount: 1234, currency: 'EUR' };

  const control = (path: string, init?: RequestInit) =>
    fetch(`${standIn.url}/_control/${path}`, {
      ...init,
      headers: { 'x-control-key': controlKey, ...(init?.body && { 'content-type': 'application/json' }) },
    });

  async function disturb(operation: string, kind: string): Promise<void> {
    const fault = { provider: name, operation, kind };
    expect((await control('faults', { method: 'POST', body: JSON.stringify(fault) })).status).toBe(201);
  }

  async function movementsOf(orderId: string): Promise<string[]> {
    const { entries } = (await (await control(`ledger?reference=${orderId}`)).json()) as {
      entries: { operation: string; outcome: string }[];
    };
    return entries.map(({ operation, outcome }) => `${operation} ${outcome}`);
  }

  function newPayment(token = 'tok_ok') {
    const paymentId = newId();
    return { paymentId, key: providerKey({ kind: 'authorise', paymentId }), orderId: newId(), amount, token };
  }

  /** The road of the context: ask, call, ask; again until somebody knows. */
  async function until<Answer extends AuthorisationAnswer | MovementAnswer>(
    ask: () => Promise<Answer>,
    call: () => Promise<Answer>,
  ): Promise<Exclude<Answer, { kind: 'unknown' | 'never-seen' | 'pending' }>> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const answer = await askThenCall(ask, call).catch((error: unknown) => {
        if (error instanceof OutcomeUnknown && Date.now() < deadline) return { kind: 'pending' as const };
        throw error;
      });
      if (answer.kind !== 'pending') return answer as never;
      if (Date.now() > deadline) throw new Error('still pending');
      await pause(5);
    }
  }

  const authorise = (payment: ReturnType<typeof newPayment>) =>
    until(
      () => provider.askAuthorisation(payment.key),
      () => provider.authorise(payment),
    );

  async function authorised() {
    const payment = newPayment();
    const answer = await authorise(payment);
    if (answer.kind !== 'authorised') throw new Error(`expected an authorisation, got ${answer.kind}`);
    return { ...payment, reference: answer.reference };
  }

  const move = (kind: 'capture' | 'void', { paymentId, reference }: { paymentId: string; reference: string }) => {
    const key = providerKey({ kind, paymentId });
    return until(
      () => provider.askMovement(key),
      () => provider[kind]({ key, reference, amount }),
    );
  };

  const refund = (
    { paymentId, reference }: { paymentId: string; reference: string },
    minor: number,
    refundId = newId(),
  ) => {
    const key = providerKey({ kind: 'refund', paymentId, refundId });
    return until(
      () => provider.askMovement(key),
      () => provider.refund({ key, reference, amount: { ...amount, amount: minor } }),
    );
  };

  it.each(['tok_ok', 'tok_timeout_then_ok', 'tok_unknown_then_ok', 'tok_flaky'])(
    'authorises %s, once',
    async (token) => {
      const payment = newPayment(token);
      expect(await authorise(payment)).toMatchObject({ kind: 'authorised' });
      expect(await movementsOf(payment.orderId)).toEqual(['authorise done']);
    },
  );

  it.each([
    ['tok_declined', 'card-declined'],
    ['tok_nonsense', 'invalid-payment-method'],
  ])('declines %s: %s', async (token, reason) => {
    expect(await authorise(newPayment(token))).toEqual({ kind: 'declined', reason });
  });

  it('declines what it cannot accept', async () => {
    expect(await authorise({ ...newPayment(), amount: { amount: 0, currency: 'EUR' } })).toEqual({
      kind: 'declined',
      reason: 'not-accepted',
    });
  });

  it('has never seen what nobody asked for', async () => {
    const { paymentId, key } = newPayment();
    expect(await provider.askAuthorisation(key)).toEqual({ kind: 'never-seen' });
    expect(await provider.askMovement(providerKey({ kind: 'capture', paymentId }))).toEqual({ kind: 'never-seen' });
  });

  it.each([
    'lose-reply',
    'truncated-json',
    'slow-body',
    'huge-body',
    'wrong-content-type',
    'hang',
    'reset',
    'html',
    'redirect',
  ])('does not know what became of a call that met %s, and charges once', async (kind) => {
    const payment = newPayment();
    await disturb('authorise', kind);
    expect(await provider.authorise(payment)).toMatchObject({ kind: 'unknown' });
    expect(await authorise(payment)).toMatchObject({ kind: 'authorised' });
    expect(await movementsOf(payment.orderId)).toEqual(['authorise done']);
  });

  it.each(['error500', 'error503', 'error429', 'reset', 'lose-reply', 'truncated-json', 'html'])(
    'captures once although the capture met %s',
    async (kind) => {
      const payment = await authorised();
      await disturb('capture', kind);
      expect(await move('capture', payment)).toEqual({ kind: 'done' });
      expect(await movementsOf(payment.orderId)).toEqual(['authorise done', 'capture done']);
    },
  );

  it('takes an unreadable answer to a question for no answer', async () => {
    const payment = await authorised();
    await disturb('ask', 'html');
    expect(await provider.askAuthorisation(payment.key)).toMatchObject({ kind: 'unknown' });
  });

  it('keeps its answer to a call that is repeated', async () => {
    const payment = await authorised();
    expect(await provider.authorise(payment)).toEqual({ kind: 'authorised', reference: payment.reference });
  });

  it('still calls authorised what was captured or voided since', async () => {
    const [captured, voided] = [await authorised(), await authorised()];
    await move('capture', captured);
    await move('void', voided);
    for (const { key, reference } of [captured, voided]) {
      expect(await provider.askAuthorisation(key)).toEqual({ kind: 'authorised', reference });
    }
  });

  it('voids what was authorised; a second void has nothing left to do', async () => {
    const payment = await authorised();
    expect(await move('void', payment)).toEqual({ kind: 'done' });
    const again = { key: `${payment.key}.again`, reference: payment.reference, amount };
    expect(await provider.void(again)).toEqual({ kind: 'done' });
    expect(await movementsOf(payment.orderId)).toEqual(['authorise done', 'void done']);
  });

  it('refuses to capture what was voided and to void what was captured', async () => {
    const [captured, voided] = [await authorised(), await authorised()];
    await move('capture', captured);
    await move('void', voided);
    expect(await move('void', captured)).toEqual({ kind: 'refused', because: 'already-captured' });
    expect(await move('capture', voided)).toEqual({ kind: 'refused', because: 'already-voided' });
  });

  it('refunds in parts, and never more than was captured', async () => {
    const payment = await authorised();
    await move('capture', payment);
    const refundId = newId();
    expect(await refund(payment, 1000, refundId)).toEqual({ kind: 'done' });
    expect(await refund(payment, 1000, refundId)).toEqual({ kind: 'done' });
    expect(await refund(payment, 235)).toEqual({ kind: 'refused', because: 'more-than-there-is' });
    expect(await refund(payment, 234)).toEqual({ kind: 'done' });
    expect((await movementsOf(payment.orderId)).filter((movement) => movement === 'refund done')).toHaveLength(2);
  });

  it('was never led astray by a redirect', async () => {
    const health = (await (await control('health')).json()) as { redirectsFollowed?: number };
    expect(health.redirectsFollowed ?? 0).toBe(0);
  });
});
