import { timingSafeEqualText } from './timing-safe.js';
import { signWebhook, verifyWebhook } from './webhook-signature.js';

const sent = { id: 'msg_1', timestamp: 1_800_000_000, body: '{"paid":true}' };
const received = {
  ...sent,
  signature: signWebhook(sent, 'secret'),
  secrets: ['secret'],
  now: new Date(sent.timestamp * 1000),
};
const at = (seconds: number) => new Date((sent.timestamp + seconds) * 1000);

describe('comparing secrets', () => {
  it.each([
    ['', '', true],
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'abcd', false],
    ['', 'a', false],
    ['é', 'e\u0301', false],
  ])('%j and %j: %s', (one, other, equal) => {
    expect(timingSafeEqualText(one, other)).toBe(equal);
  });
});

describe('webhook signatures', () => {
  it('agree with the example of Standard Webhooks', () => {
    const secret = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const parts = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
    expect(signWebhook(parts, secret)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('are accepted for exactly what was signed', () => {
    expect(verifyWebhook(received)).toBe(true);
    expect(verifyWebhook({ ...received, body: Buffer.from(sent.body) })).toBe(true);
  });

  it('are accepted with either secret while one is being changed, and among several signatures', () => {
    expect(verifyWebhook({ ...received, secrets: ['new', 'secret'] })).toBe(true);
    expect(verifyWebhook({ ...received, signature: `v1,AAAA ${received.signature}` })).toBe(true);
  });

  it('hold for five minutes in both directions', () => {
    expect(verifyWebhook({ ...received, now: at(300) })).toBe(true);
    expect(verifyWebhook({ ...received, now: at(301) })).toBe(false);
    expect(verifyWebhook({ ...received, now: at(-301) })).toBe(false);
  });

  it.each([
    ['another body', { body: '{"paid":false}' }],
    ['another id', { id: 'msg_2' }],
    ['a moved timestamp', { timestamp: sent.timestamp + 1 }],
    ['a fractional timestamp', { timestamp: sent.timestamp + 0.5 }],
    ['no timestamp', { timestamp: NaN }],
    ['an id with a dot', { id: 'msg.1' }],
    ['no id', { id: '' }],
    ['an empty signature', { signature: '' }],
    ['a signature without version', { signature: received.signature.slice(3) }],
    ['another version', { signature: received.signature.replace('v1', 'v0') }],
    ['a shortened signature', { signature: received.signature.slice(0, -1) }],
    ['no secret', { secrets: [] }],
    ['another secret', { secrets: ['Secret'] }],
  ])('are refused with %s', (_, change) => {
    expect(verifyWebhook({ ...received, ...change })).toBe(false);
  });

  it('are not made for parts that could be read in two ways', () => {
    expect(() => signWebhook({ ...sent, id: 'a.1' }, 'secret')).toThrow(TypeError);
    expect(() => signWebhook({ ...sent, timestamp: 1.5 }, 'secret')).toThrow(TypeError);
  });
});
