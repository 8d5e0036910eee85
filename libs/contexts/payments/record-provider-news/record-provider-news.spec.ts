import type { Transaction } from '@holdfast/data-consistency';
import { newId } from '@holdfast/messaging';
import { Logger } from '@nestjs/common';
import { NO_PAYMENT, evolve, type PaymentFact } from '../domain/payment.js';
import { providerKey } from '../domain/provider-key.js';
import type { PaymentStore, StoredPayment } from '../payment.store.js';
import { RecordProviderNewsHandler } from './record-provider-news.js';

const [orderId, paymentId] = [newId(), newId()];
const amount = { amount: 900, currency: 'EUR' };
const requestedAt = '2026-11-20T09:30:00.000Z';
const terms = { paymentId, orderId, customerId: newId(), provider: 'globex', amount, requestedAt };
const news = {
  orderId,
  key: providerKey({ kind: 'authorise', paymentId }),
  outcome: { kind: 'authorised' as const, reference: 'theirs' },
};

async function factsFrom(said: Partial<typeof news> & { provider?: string }): Promise<string[]> {
  const facts: PaymentFact[] = [];
  const payment = evolve(NO_PAYMENT, { type: 'payment-requested', data: terms });
  const store: Pick<PaymentStore, 'load' | 'record'> = {
    load: async () => ({ orderId, payment, version: 1 }),
    record: (_tx: Transaction, _found: StoredPayment, decided) => void facts.push(...decided),
  };
  const handler = new RecordProviderNewsHandler(store as PaymentStore);
  await handler.record({ ...news, ...said }, {} as Transaction);
  return facts.map(({ type }) => type);
}

beforeAll(() => Logger.overrideLogger(false));

it('believes the provider that moves the money, also in a message that does not name it yet', async () => {
  expect(await factsFrom({ provider: 'globex' })).toEqual(['payment-authorised']);
  expect(await factsFrom({})).toEqual(['payment-authorised']);
});

it.each([
  ['another provider', { provider: 'acme' }],
  ['another payment', { key: providerKey({ kind: 'authorise', paymentId: newId() }) }],
  ['no operation of ours', { key: 'something else' }],
])('believes nothing about %s', async (_, said) => {
  expect(await factsFrom(said)).toEqual([]);
});
