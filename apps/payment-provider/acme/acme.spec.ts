import { createHmac } from 'node:crypto';
import { eventually, secrets, startFixture } from '../provider.fixture.js';
import type { Fixture } from '../provider.fixture.js';

const charge = (source = 'tok_ok', reference = 'order-1') => ({
  amount: 1234,
  currency: 'EUR',
  source,
  capture: false,
  reference,
});

describe('acme', () => {
  let shop: Fixture;
  beforeEach(async () => void (shop = await startFixture()));
  afterEach(() => shop.stop());

  const authorise = async (key = 'auth-1', body = charge()) => shop.acme('POST', '/charges', { key, body });
  const operations = async () => (await shop.ledger('order-1')).map(({ operation }) => operation);

  it('authorises, captures, refunds and shows the charge as it is', async () => {
    const { status, body } = await authorise();
    expect({ status, state: body.state }).toEqual({ status: 201, state: 'authorized' });
    const captured = await shop.acme('POST', `/charges/${body.id}/capture`, { key: 'cap-1' });
    expect(captured).toMatchObject({ status: 201, body: { object: 'capture', state: 'succeeded', amount: 1234 } });
    await shop.acme('POST', `/charges/${body.id}/refunds`, { key: 're-1', body: { amount: 234 } });
    const now = await shop.acme('GET', `/charges/${body.id}`);
    expect(now.body).toMatchObject({ state: 'partially_refunded', amount_captured: 1234, amount_refunded: 234 });
    expect(await operations()).toEqual(['authorise', 'capture', 'refund']);
  });

  it('answers fifty concurrent requests with one key from one effect, and still after a restart', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => authorise()));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await shop.restart();
    const replay = await authorise();
    expect(replay.text).toBe(answers[0].text);
    expect(replay.headers.get('idempotent-replayed')).toBe('true');
    expect(await operations()).toEqual(['authorise']);
  });

  it('repeats the first answer even when the charge has moved on', async () => {
    const first = await authorise();
    await shop.acme('POST', `/charges/${first.body.id}/void`, { key: 'void-1' });
    expect((await authorise()).text).toBe(first.text);
  });

  it('refuses a known key with another body, another operation or another charge', async () => {
    const { body } = await authorise();
    expect((await authorise('auth-1', { ...charge(), amount: 1 })).status).toBe(422);
    const path = `/charges/${body.id}/capture`;
    expect(await shop.acme('POST', path, { key: 'auth-1' })).toMatchObject({
      status: 422,
      body: { error: { type: 'idempotency_error', code: 'idempotency_key_reused' } },
    });
    expect(await operations()).toEqual(['authorise']);
  });

  it('captures once, whatever the keys', async () => {
    const { body } = await authorise();
    const keys = Array.from({ length: 20 }, (_, n) => `cap-${n}`);
    const answers = await Promise.all(keys.map((key) => shop.acme('POST', `/charges/${body.id}/capture`, { key })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(19).fill(409)]);
    expect(answers.at(-1)!.body.error.code).toBe('charge_already_captured');
    expect(await operations()).toEqual(['authorise', 'capture']);
  });

  it('keeps a refusal as the answer for its key', async () => {
    const { body } = await authorise();
    const refund = () => shop.acme('POST', `/charges/${body.id}/refunds`, { key: 're-1', body: { amount: 1 } });
    expect((await refund()).body.error.code).toBe('charge_not_captured');
    await shop.acme('POST', `/charges/${body.id}/capture`, { key: 'cap-1' });
    expect((await refund()).body.error.code).toBe('charge_not_captured');
    const asked = await shop.acme('GET', '/operations?idempotency_key=re-1');
    expect(asked).toMatchObject({ status: 200, body: { state: 'failed', failure_code: 'charge_not_captured' } });
    expect(await operations()).toEqual(['authorise', 'capture']);
  });

  it.each([
    ['capture more than was authorised', [], 'capture', { amount: 1235 }, 'amount_too_large'],
    ['capture after a void', ['void'], 'capture', undefined, 'charge_voided'],
    ['void twice', ['void'], 'void', undefined, 'charge_voided'],
    ['void after a capture', ['capture'], 'void', undefined, 'charge_already_captured'],
    ['refund more than was captured', ['capture'], 'refunds', { amount: 1235 }, 'amount_too_large'],
  ])('does not %s', async (_, before, path, body, code) => {
    const { id } = (await authorise()).body;
    for (const step of before) await shop.acme('POST', `/charges/${id}/${step}`, { key: `before-${step}` });
    const refused = await shop.acme('POST', `/charges/${id}/${path}`, { key: 'refused', body });
    expect(refused).toMatchObject({ status: 409, body: { error: { type: 'state_error', code } } });
  });

  it('tells what became of a key, and 404 for a key never seen', async () => {
    const { id } = (await authorise()).body;
    await shop.acme('POST', `/charges/${id}/capture`, { key: 'cap-1' });
    expect((await shop.acme('GET', '/charges?idempotency_key=auth-1')).body).toMatchObject({ id, state: 'captured' });
    const capture = await shop.acme('GET', '/operations?idempotency_key=cap-1');
    expect(capture.body).toMatchObject({ object: 'capture', state: 'succeeded', charge: id });
    expect(await shop.acme('GET', '/charges?idempotency_key=cap-1')).toMatchObject({ status: 404 });
    expect(await shop.acme('GET', '/operations?idempotency_key=x')).toMatchObject({
      status: 404,
      body: { error: { code: 'never_seen' } },
    });
  });

  it.each([
    ['no amount', { amount: undefined }],
    ['a fraction', { amount: 1.5 }],
    ['text for a number', { amount: '1234' }],
    ['nothing', { amount: 0 }],
    ['another currency format', { currency: 'eur' }],
    ['an unknown field', { colour: 'red' }],
    ['immediate capture', { capture: true }],
  ])('refuses %s with 400', async (_, change) => {
    const answer = await authorise('auth-1', { ...charge(), ...change } as never);
    expect(answer).toMatchObject({ status: 400, body: { error: { type: 'invalid_request_error' } } });
  });

  it('refuses money movements without a key, and anybody without the API key', async () => {
    expect((await shop.acme('POST', '/charges', { body: charge() })).body.error.code).toBe('idempotency_key_required');
    for (const authorization of ['', 'Bearer', 'Bearer wrong', 'Basic acme-api-key']) {
      const response = await fetch(`${shop.url}/acme/v1/charges?idempotency_key=x`, { headers: { authorization } });
      expect(response.status).toBe(401);
    }
  });

  it('declines declined and unknown tokens', async () => {
    for (const [token, code] of Object.entries({
      tok_declined: 'card_declined',
      tok_x: 'invalid_token',
      toString: 'invalid_token',
    })) {
      const { status, body } = await authorise(token, charge(token));
      expect({ status, state: body.state, code: body.decline_code }).toEqual({ status: 201, state: 'declined', code });
      expect((await shop.acme('POST', `/charges/${body.id}/capture`, { key: `cap-${token}` })).status).toBe(409);
    }
  });

  it('signs a webhook for every outcome', async () => {
    const { id } = (await authorise()).body;
    await authorise('auth-2', charge('tok_declined'));
    await shop.acme('POST', `/charges/${id}/capture`, { key: 'cap-1' });
    await shop.acme('POST', `/charges/${id}/refunds`, { key: 're-1', body: { amount: 34 } });
    const hooks = await eventually(() => shop.sink.received.length === 4 && shop.sink.received);
    const events = hooks.map(({ body }) => JSON.parse(body));
    expect(events.map(({ type }) => type).toSorted()).toEqual(
      ['charge.authorized', 'charge.captured', 'charge.declined', 'charge.refunded'], // any order
    );
    expect(events.find(({ type }) => type === 'charge.refunded').data).toMatchObject({
      id,
      amount: 34,
      currency: 'EUR',
      reference: 'order-1',
      idempotency_key: 're-1',
    });
    for (const { provider, headers, body } of hooks) {
      const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['acme-signature'] as string)!;
      expect(v1).toBe(createHmac('sha256', secrets.acme.webhookSecret).update(`${t}.${body}`).digest('hex'));
      expect(provider).toBe('acme');
    }
  });
});
