import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterMovement, refusalOf } from './ledger/payment.js';
import type { Movement, Payment } from './ledger/payment.js';
import { openStore } from './ledger/store.js';
import { readSettings } from './settings.js';

const complete = {
  PAYMENT_PROVIDER_PORT: '0',
  PAYMENT_PROVIDER_DATA: '/tmp/ledger',
  PAYMENT_PROVIDER_WEBHOOK_URL: 'http://127.0.0.1:3000/webhooks/',
  ACME_API_KEY: 'a',
  ACME_WEBHOOK_SECRET: 'b',
  GLOBEX_API_KEY: 'c',
  GLOBEX_WEBHOOK_SECRET: 'd',
};

describe('settings', () => {
  it('are read with defaults', () => {
    expect(readSettings(complete)).toMatchObject({ port: 0, host: '127.0.0.1', hangMs: 15_000, outcomeDelayMs: 150 });
    expect(readSettings(complete).webhookUrl).toBe('http://127.0.0.1:3000/webhooks');
  });

  it('are refused with every fault at once', () => {
    const refusal = () => readSettings({ PAYMENT_PROVIDER_PORT: '70000', PAYMENT_PROVIDER_WEBHOOK_URL: 'ftp://x' });
    for (const name of Object.keys(complete)) expect(refusal).toThrow(name);
  });
});

describe('the books', () => {
  const payment: Payment = {
    id: 'p-1',
    provider: 'acme',
    key: 'k-1',
    reference: 'order-1',
    currency: 'EUR',
    state: 'authorised',
    authorised: 3,
    captured: 0,
    refunded: 0,
  };

  it('balance after every sequence of movements', () => {
    const steps = (['capture', 'void', 'refund'] as Movement[]).flatMap((m) =>
      [1, 2, 4].map((amount) => [m, amount] as const),
    );
    const walk = (state: Payment, depth: number) => {
      expect(state.captured).toBeLessThanOrEqual(state.authorised);
      expect(state.refunded).toBeLessThanOrEqual(state.captured);
      if (state.state === 'voided') expect(state.captured).toBe(0);
      if (depth === 0) return;
      for (const [movement, amount] of steps) {
        if (!refusalOf(state, movement, amount)) walk(afterMovement(state, movement, amount), depth - 1);
      }
    };
    walk(payment, 4);
  });

  it('are kept by the file itself', () => {
    const directory = mkdtempSync(join(tmpdir(), 'payment-provider-'));
    const store = openStore(directory);
    const insert = `insert into payment values ('p', 'acme', 'k', 'o', 'EUR', ?, 3, ?, ?)`;
    expect(() => store.prepare(insert).run('captured', 4, 0)).toThrow('CHECK');
    expect(() => store.prepare(insert).run('captured', 2, 3)).toThrow('CHECK');
    expect(() => store.prepare(insert).run('voided', 1, 0)).toThrow('CHECK');
    expect(store.prepare('pragma synchronous').get()).toEqual({ synchronous: 2 });
    store.close();
    rmSync(directory, { recursive: true });
  });
});
