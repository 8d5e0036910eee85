import { createHmac } from 'node:crypto';
import { eventually, secrets, startFixture } from '../provider.fixture.js';
import type { Fixture } from '../provider.fixture.js';
import { toDecimal, toMinorUnits } from './decimal-amount.js';

const holdFields = (merchantRef: string, cardToken = 'tok_ok') => ({
  merchantRef,
  orderRef: 'order-1',
  amount: '12.34',
  currency: 'EUR',
  cardToken,
});

describe('globex', () => {
  let shop: Fixture;
  beforeEach(async () => void (shop = await startFixture()));
  afterEach(() => shop.stop());

  const hold = (merchantRef = 'h-1', token = 'tok_ok') =>
    shop.globex('POST', '/hold', { fields: holdFields(merchantRef, token) });
  const status = (merchantRef: string) => shop.globex('GET', `/status?merchantRef=${merchantRef}`);
  const move = (kind: string, merchantRef: string, more: Record<string, string> = {}) =>
    shop.globex('POST', `/${kind}`, { fields: { merchantRef, originalRef: 'h-1', ...more } });
  const held = async (merchantRef = 'h-1') => {
    await hold(merchantRef);
    return eventually(async () => (await status(merchantRef)).body.status === 'HELD');
  };
  const operations = async () => (await shop.ledger('order-1')).map(({ operation }) => operation);

  it('accepts a hold now and decides it later', async () => {
    expect(await hold()).toMatchObject({
      status: 202,
      body: { status: 'PENDING', amount: '12.34', duplicate: 'false' },
    });
    await eventually(async () => (await status('h-1')).body.status === 'HELD');
    await hold('h-2', 'tok_declined');
    const refused = await eventually(async () => {
      const { body } = await status('h-2');
      return body.status === 'REFUSED' && body;
    });
    expect(refused.refusalReason).toBe('CARD_DECLINED');
  });

  it('does nothing with a hold that is not decided yet', async () => {
    const slow = await startFixture({ outcomeDelayMs: 60_000 });
    await slow.globex('POST', '/hold', { fields: holdFields('h-1') });
    const moves: Record<string, Record<string, string>> = { settle: {}, release: {}, reverse: { amount: '1.00' } };
    for (const [kind, more] of Object.entries(moves)) {
      const fields = { merchantRef: 'x-1', originalRef: 'h-1', ...more };
      const refused = await slow.globex('POST', `/${kind}`, { fields });
      expect(refused).toMatchObject({ status: 409, body: { errorCode: 'HOLD_PENDING' } });
    }
    expect((await slow.control('GET', '/health')).body.pendingOutcomes).toBe(1);
    await slow.stop();
  });

  it('settles and reverses in decimal amounts', async () => {
    await held();
    expect(await move('settle', 's-1')).toMatchObject({ status: 200, body: { status: 'SETTLED', amount: '12.34' } });
    expect(await move('reverse', 'r-1', { amount: '2.34' })).toMatchObject({
      body: { status: 'REVERSED', amount: '2.34' },
    });
    expect((await status('h-1')).body).toMatchObject({
      status: 'HELD',
      settledAmount: '12.34',
      reversedAmount: '2.34',
    });
    expect((await status('s-1')).body).toMatchObject({ status: 'SETTLED', originalRef: 'h-1' });
    expect((await shop.ledger('order-1')).map(({ amount }) => amount)).toEqual([1234, 1234, 234]);
  });

  it('returns the existing instruction for a known merchantRef, across a restart', async () => {
    const first = await hold();
    await shop.restart();
    const again = await hold();
    expect(again.body).toMatchObject({ transactionId: first.body.transactionId, duplicate: 'true' });
    await eventually(async () => (await status('h-1')).body.status === 'HELD');
    await Promise.all(Array.from({ length: 20 }, () => move('settle', 's-1')));
    expect(await move('settle', 's-1')).toMatchObject({ status: 200, body: { duplicate: 'true' } });
    expect(await move('reverse', 's-1', { amount: '1.00' })).toMatchObject({
      status: 409,
      body: { errorCode: 'REF_IN_USE' },
    });
    expect(await operations()).toEqual(['authorise', 'capture']);
  });

  it.each([
    ['settle twice', [['settle', 's-1']], 'settle', {}, 'ALREADY_SETTLED'],
    ['settle more than was held', [], 'settle', { amount: '12.35' }, 'AMOUNT_OVER_HOLD'],
    ['settle after a release', [['release', 'v-1']], 'settle', {}, 'HOLD_RELEASED'],
    ['release after a settlement', [['settle', 's-1']], 'release', {}, 'ALREADY_SETTLED'],
    ['reverse what was not settled', [], 'reverse', { amount: '1.00' }, 'NOT_SETTLED'],
    ['reverse more than was settled', [['settle', 's-1']], 'reverse', { amount: '12.35' }, 'AMOUNT_OVER_SETTLEMENT'],
  ])('does not %s, and forgets that it was asked', async (_, before, kind, more, errorCode) => {
    await held();
    for (const [step, ref] of before) await move(step, ref);
    expect(await move(kind, 'x-1', more as Record<string, string>)).toMatchObject({
      status: 409,
      body: { status: 'ERROR', errorCode },
    });
    expect((await status('x-1')).status).toBe(404);
  });

  it('refuses requests that are unsigned, changed, stale or twice the same field', async () => {
    const call = (headers: Record<string, string>) =>
      shop.globex('POST', '/hold', { fields: holdFields('h-1'), headers });
    expect(await call({ 'x-globex-key': 'other' })).toMatchObject({ status: 401, body: { errorCode: 'UNKNOWN_KEY' } });
    expect(await call({ 'x-globex-signature': 'AAAA' })).toMatchObject({
      status: 401,
      body: { errorCode: 'BAD_SIGNATURE' },
    });
    const stale = String(Date.now() - 6 * 60_000);
    expect(await call({ 'x-globex-timestamp': stale })).toMatchObject({
      status: 401,
      body: { errorCode: 'STALE_TIMESTAMP' },
    });
    const later = String(Date.now() + 1_000);
    expect(await call({ 'x-globex-timestamp': later })).toMatchObject({
      status: 401,
      body: { errorCode: 'BAD_SIGNATURE' },
    });
    expect(await operations()).toEqual([]);
  });

  it.each(['12.3', '12.345', '12', '-1.00', '1e2', '0.00', '012.34', '12,34', ''])(
    'refuses the amount "%s"',
    async (amount) => {
      const answer = await shop.globex('POST', '/hold', { fields: { ...holdFields('h-1'), amount } });
      expect(answer).toMatchObject({ status: 400, body: { status: 'ERROR', errorCode: 'BAD_AMOUNT' } });
    },
  );

  it('knows the digits of a currency', () => {
    expect(toMinorUnits('1200', 'JPY')).toBe(1200);
    expect(toMinorUnits('1.234', 'BHD')).toBe(1234);
    expect(toMinorUnits('1.2345', 'CLF')).toBe(12345);
    expect([toDecimal(5, 'EUR'), toDecimal(1200, 'JPY'), toDecimal(1234, 'BHD')]).toEqual(['0.05', '1200', '1.234']);
  });

  it('signs a webhook for every outcome', async () => {
    await held();
    await move('release', 'v-1');
    await hold('h-2', 'tok_declined');
    const hooks = await eventually(() => shop.sink.received.length === 3 && shop.sink.received);
    const words = hooks.map(({ body }) => new URLSearchParams(body).get('notification'));
    expect(words.toSorted()).toEqual(['HELD', 'REFUSED', 'RELEASED']);
    for (const { provider, headers, body } of hooks) {
      const signed = `${headers['globex-notify-timestamp']}\n${body}`;
      const digest = createHmac('sha256', secrets.globex.webhookSecret).update(signed).digest('base64');
      expect(headers['globex-notify-digest']).toBe(digest);
      expect(provider).toBe('globex');
    }
  });
});
