import { createHmac } from 'node:crypto';
import type { SignedWebhook, WebhookReading } from '../provider.js';
import { readAcmeWebhook } from './acme/acme-webhook.js';
import { readGlobexWebhook } from './globex/globex-webhook.js';

const secret = 'the-secret-both-sides-know';
const now = new Date('2026-11-20T09:00:00.000Z');
const orderId = '01926f3e-0000-7000-8000-000000000002';
const key = '01926f3e-0000-7000-8000-000000000001.authorise';

interface Sending {
  body: string;
  at?: number;
  secret?: string;
}

const acme = {
  read: readAcmeWebhook,
  news: { orderId, key, outcome: { kind: 'authorised', reference: 'ch_1' } } satisfies WebhookReading,
  body: JSON.stringify({
    id: 'evt_1',
    type: 'charge.authorized',
    data: { id: 'ch_1', reference: orderId, decline_code: null, idempotency_key: key },
  }),
  sign({ body, at = now.getTime(), secret: by = secret }: Sending): SignedWebhook['headers'] {
    const t = Math.floor(at / 1000);
    return { 'acme-signature': `t=${t},v1=${createHmac('sha256', by).update(`${t}.${body}`).digest('hex')}` };
  },
  header: 'acme-signature',
};

const globex = {
  read: readGlobexWebhook,
  news: { orderId, key, outcome: { kind: 'authorised', reference: key } } satisfies WebhookReading,
  body: new URLSearchParams({
    notificationId: 'N1',
    notification: 'HELD',
    merchantRef: key,
    orderRef: orderId,
  }).toString(),
  sign({ body, at = now.getTime(), secret: by = secret }: Sending): SignedWebhook['headers'] {
    const digest = createHmac('sha256', by).update(`${at}\n${body}`).digest('base64');
    return { 'globex-notify-timestamp': String(at), 'globex-notify-digest': digest };
  },
  header: 'globex-notify-digest',
};

const MINUTES = 60_000;

describe.each([
  ['acme', acme],
  ['globex', globex],
])('a webhook of %s', (_, { read, news, body, sign, header }) => {
  const arriving = (headers: SignedWebhook['headers'], text = body, secrets = [secret]) =>
    read({ headers, body: Buffer.from(text), now }, secrets);

  it('is put into our words', () => {
    expect(arriving(sign({ body }))).toEqual(news);
  });

  it('names our order as we do, also when it writes ids in capitals', () => {
    const shouted = body.replace(orderId, orderId.toUpperCase());
    expect(shouted).not.toBe(body);
    expect(arriving(sign({ body: shouted }), shouted)).toEqual(news);
  });

  it.each([-4, 4])('is believed %i minutes from now', (minutes) => {
    expect(arriving(sign({ body, at: now.getTime() + minutes * MINUTES }))).toEqual(news);
  });

  it.each([-6, 6])('is forged %i minutes from now', (minutes) => {
    expect(arriving(sign({ body, at: now.getTime() + minutes * MINUTES }))).toBe('forged');
  });

  it('is forged without a signature', () => {
    expect(arriving({})).toBe('forged');
  });

  it('is forged with another secret', () => {
    expect(arriving(sign({ body, secret: 'a-secret-of-somebody-else' }))).toBe('forged');
  });

  it('is forged when its body was written again', () => {
    expect(arriving(sign({ body }), `${body} `)).toBe('forged');
  });

  it.each(['', 'x', '=,=,', 't=1,v1=', 't=NaN,v1=00', 't=1,t=2,v1=00'])(
    'is forged with %p as its signature',
    (value) => {
      expect(arriving({ ...sign({ body }), [header]: value })).toBe('forged');
    },
  );

  it('is forged when the signature is given twice', () => {
    expect(arriving({ ...sign({ body }), [header]: ['a', 'b'] })).toBe('forged');
  });

  it('is believed with either secret while one is being changed', () => {
    expect(arriving(sign({ body }), body, ['the-new-secret-of-both-sides', secret])).toEqual(news);
  });

  it.each(['', '{}', 'null', '[1]', 'x=1&x=2'])('is irrelevant when %p is what was signed', (text) => {
    expect(arriving(sign({ body: text }), text)).toBe('irrelevant');
  });
});
