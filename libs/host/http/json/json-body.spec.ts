import { expectProblem, id, order, startToyApp, type ToyApp } from '../toy-app.fixture.js';

describe('JSON bodies', () => {
  let toys: ToyApp;
  beforeAll(async () => {
    toys = await startToyApp();
  });
  afterAll(() => toys.app.close());

  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

  it('takes what is right', async () => {
    const answer = await toys.post(order({ address: { city: 'Wien\u{1F375}' }, tip: -0 }));
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ address: { city: 'Wien\u{1F375}' }, tip: 0 });
  });

  it.each([10, 31])('reads %d levels and leaves the judgement to the fields', async (depth) => {
    expectProblem(await toys.post(`{"x":${nested(depth)}}`), 400, 'invalid-input');
  });
  it.each([33, 5_000, 100_000])('refuses %d levels', async (depth) => {
    expect(expectProblem(await toys.post(nested(depth)), 400, 'unsafe-json').errors?.[0]?.rule).toBe('depth');
  });
  it.each([
    ['duplicate-key', '{"a":1,"a":2}'],
    ['duplicate-key', '{"a":1,"\\u0061":2}'],
    ['duplicate-key', '{"x":[{"b":1},{"a":{"a":1},"a":2}]}'],
    ['forbidden-key', '{"__proto__":{"x":1}}'],
    ['forbidden-key', '{"\\u005f_proto__":{"x":1}}'],
    ['forbidden-key', '{"constructor":{"prototype":{"x":1}}}'],
    ['forbidden-key', '{"toString":1}'],
    ['nul', '{"a":"x\\u0000"}'],
    ['nul', '{"a\\u0000":1}'],
    ['surrogate', '{"a":"\\ud800"}'],
    ['surrogate', '{"a":"\\udc00\\ud800"}'],
    ['surrogate', '{"a":"\\ud800x\\udc00"}'],
    ['surrogate', '{"a":"\\ud800x\\n"}'],
    ['surrogate', '{"a":"\\ud800x\\u002e"}'],
    ['surrogate', '{"a":"\\ud800x\\ud83d\\ude00"}'],
    ['number', '{"a":1e400}'],
    ['number', '{"a":-1e400}'],
    ['number', '{"a":9007199254740993}'],
    ['number', '[9223372036854775808]'],
    ['keys', `{${Array.from({ length: 1_001 }, (_, i) => `"k${i}":1`).join()}}`],
    ['items', `[${Array.from({ length: 10_002 }, () => '1').join()}]`],
  ])('refuses %s', async (rule, body) => {
    expect(expectProblem(await toys.post(body), 400, 'unsafe-json').errors?.[0]?.rule).toBe(rule);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
  it.each([
    '{',
    '{"a":1,}',
    'NaN',
    '{"a":NaN}',
    '{"a":01}',
    '{}\n{}',
    '"',
    '{"a":"\\',
    '{"a":"\\u12"}',
    '{"a\t":1}',
    '\u0000',
  ])('refuses malformed %j', async (body) => {
    expectProblem(await toys.post(body), 400, 'malformed-json');
  });
  it('refuses invalid UTF-8 and a byte order mark', async () => {
    expectProblem(await toys.post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 400, 'malformed-json');
    expectProblem(await toys.post(Buffer.from('{"a":"\xed\xa0\x80"}', 'latin1')), 400, 'malformed-json');
    expectProblem(await toys.post(`\ufeff${JSON.stringify(order())}`), 400, 'malformed-json');
  });
  it.each(['[]', '1', '"x"', 'null', 'true', '[{"lines":[]}]'])('wants an object, not %s', async (body) => {
    expectProblem(await toys.post(body), 400, 'invalid-input');
  });
  it('accepts a paired surrogate, escaped quotes and braces in strings', async () => {
    const answer = await toys.post(
      '{"lines":[{"sku":"TEA-001","quantity":1}],"address":{"city":"\\ud83c\\udf75 {\\"a\\":["}}',
    );
    expect(answer.json().address.city).toBe('\u{1F375} {"a":[');
  });
  it('limits the body to 256 kB', async () => {
    expectProblem(await toys.post(`"${'x'.repeat(262_144)}"`), 413, 'body-too-large');
    expectProblem(await toys.post(`"${'x'.repeat(262_142)}"`), 400, 'invalid-input');
  });
  it.each<Record<string, string>>([
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/merge-patch+json' },
    { 'content-type': 'application/json; charset=utf-16' },
    { 'content-type': 'nonsense' },
    { 'content-encoding': 'gzip' },
  ])('answers 415 to %j', async (headers) => {
    expectProblem(await toys.post(JSON.stringify(order()), headers), 415, 'unsupported-media-type');
  });
  it('lets a route without a body be called without one', async () => {
    const bare = await toys.app.inject({ method: 'POST', url: `/api/v1/toys/${id}/cancel` });
    const typed = await toys.post('', {}, `/api/v1/toys/${id}/cancel`);
    expect([bare.statusCode, typed.statusCode]).toEqual([200, 200]);
    expect(expectProblem(await toys.post(''), 400, 'invalid-input').errors).toEqual([
      { field: 'lines', rule: 'required', message: 'is required' },
    ]);
  });
  it('keeps the bytes where they are asked for, and only there', async () => {
    const bytes = '{ "b":1,  "a" : 2 }';
    expect((await toys.post(bytes, {}, '/api/v1/toys/webhook')).json()).toEqual({ bytes, body: { b: 1, a: 2 } });
    expect((await toys.post(bytes, {}, '/api/v1/toys/no-webhook')).json()).toEqual({ kept: false });
  });
});
