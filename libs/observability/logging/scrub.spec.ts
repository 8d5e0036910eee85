import { scrub, scrubber } from './scrub.js';

describe('scrub', () => {
  it.each([
    ['write to ada.l+shop@mail.example.org.', 'write to [email].'],
    ['<jürgen@bücher.example>', '<[email]>'],
    ['?email=ada%40example.org&x=1', '?email=[email]&x=1'],
    ['Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln', 'Bearer [token]'],
    ['eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0', '[token]'],
    ['paid with tok_timeout_then_ok', 'paid with [token]'],
    ['postgres://app:p%40ss@localhost/x', 'postgres://[redacted]@localhost/x'],
    ['at node_modules/@nestjs/core/router.js:1', 'at node_modules/@nestjs/core/router.js:1'],
    ['fastify@5.12.8', 'fastify@5.12.8'],
    ['orders.order-placed.v1', 'orders.order-placed.v1'],
  ])('%s', (text, expected) => expect(scrub(text)).toBe(expected));

  it.each([
    'hi\nada@example.org',
    'tab\tada@example.org',
    '\\ada@example.org',
    '\u0001tok_ok',
    '"tok_ok"',
    'ü\neyJhbGciOiJFZERTQSJ9.eyJz',
  ])('leaves a JSON line valid: %j', (msg) => {
    const line = scrub(JSON.stringify({ msg }));
    expect(JSON.parse(line).msg).toMatch(/\[(email|token)\]/);
    expect(line).not.toMatch(/ada@|tok_ok|eyJhb/);
  });

  it('takes out given secrets, also when JSON writes them differently', () => {
    const clean = scrubber(['line one\nline "two"', 'regex.*(chars', 'ada']);
    expect(clean(JSON.stringify({ a: 'x line one\nline "two" y' }))).toBe('{"a":"x [secret] y"}');
    expect(clean('regex.*(chars and regexxx(chars ada')).toBe('[secret] and regexxx(chars ada');
  });

  it.each(['a', 'a.', '@', 'a@', 'a@a.', 'eyJ', '://a:', 'tok_@'])('stays quick on a megabyte of %j', (piece) => {
    const hostile = piece.repeat(1_000_000 / piece.length);
    const started = process.cpuUsage(); // work, not time: the machine may be busy
    scrub(`${hostile}@`);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000);
  });
});
