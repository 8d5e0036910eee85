import { expectProblem, id, order, page, startToyApp, type ToyApp } from '../toy-app.fixture.js';

describe('input', () => {
  let toys: ToyApp;
  beforeAll(async () => {
    toys = await startToyApp();
  });
  afterAll(() => toys.app.close());

  const broken = async (body: object) =>
    expectProblem(await toys.post(body), 400, 'invalid-input').errors?.map(
      ({ field, rule }: { field: string; rule: string }) => `${field} ${rule}`,
    );

  it('names every broken rule with its field', async () => {
    expect(
      await broken({
        lines: [
          { sku: 'tea', quantity: 1_001 },
          { sku: 'TEA-001', quantity: 0, price: 1 },
        ],
        email: 'nobody',
        role: 'admin',
      }),
    ).toEqual([
      'role unknown-field',
      'lines[0].sku sku',
      'lines[0].quantity max',
      'lines[1].price unknown-field',
      'lines[1].quantity min',
      'email email',
    ]);
  });
  it.each(['role', 'userId', 'price', 'status', 'version', 'id', 'isAdmin', 'createdAt'])(
    'refuses the extra field %s',
    async (field) => {
      expect(await broken(order({ [field]: 'x' }))).toEqual([`${field} unknown-field`]);
    },
  );
  it.each(['1', true, 1.5, '0x10', ' 3 ', null, [], {}, 1e21])(
    'does not read %j as a whole number',
    async (quantity) => {
      expect(await broken({ lines: [{ sku: 'TEA-001', quantity }] })).toEqual(['lines[0].quantity whole-number']);
    },
  );
  it.each([-1, 0, 1_000_000, 9007199254740991])('bounds %j', async (quantity) => {
    expect(await broken({ lines: [{ sku: 'TEA-001', quantity }] })).toHaveLength(1);
  });
  it.each([
    [{ lines: [] }, 'lines min-items'],
    [{ lines: {} }, 'lines list'],
    [{ lines: [1, null] }, 'lines objects'],
    [{ lines: [[]] }, 'lines objects'],
    [{ lines: 'x' }, 'lines list'],
    [{ lines: null }, 'lines list'],
    [{ ...order(), address: [] }, 'address object'],
    [{ ...order(), address: null }, 'address object'],
    [{ ...order(), address: 'x' }, 'address object'],
    [{ ...order(), address: {} }, 'address.city required'],
    [{ ...order(), address: { city: ' x' } }, 'address.city pattern'],
    [{ ...order(), address: { city: '' } }, 'address.city min-length'],
    [{ ...order(), address: { city: 'a\nb' } }, 'address.city pattern'],
    [{ ...order(), address: { city: '\u{1F375}'.repeat(21) } }, 'address.city max-length'],
    [{ ...order(), tip: 1_000_000_000_000_001 }, 'tip max'],
    [{ ...order(), basket: 'x' }, 'basket uuid'],
    [{ lines: [1, 2, 3, 4].map((n) => ({ sku: `TEA-${n}`, quantity: 1 })) }, 'lines max-items'],
    [{ lines: [order().lines[0], order().lines[0]] }, 'lines unique'],
  ])('refuses %j', async (body, expected) => {
    expect(await broken(body)).toEqual([expected]);
  });
  it('normalises names to NFC, counts code points and folds e-mail addresses and ids', async () => {
    const city = 'e\u0301'.repeat(20);
    const answer = await toys.post(order({ address: { city }, email: 'Ada@EXAMPLE.com', basket: id.toUpperCase() }));
    expect(answer.json()).toMatchObject({
      address: { city: '\u00e9'.repeat(20) },
      email: 'ada@example.com',
      basket: id,
    });
  });
  it('reads lists queries strictly', async () => {
    expect((await toys.get('/api/v1/toys')).json()).toEqual({ limit: 20, after: null });
    const cursor = page.encode({ id });
    expect((await toys.get(`/api/v1/toys?limit=100&status=placed&cursor=${cursor}`)).json()).toEqual({
      limit: 100,
      status: 'placed',
      after: { id },
    });
  });
  it.each([
    'limit=0',
    'limit=101',
    'limit=1e2',
    'limit=0x10',
    'limit=%201',
    'limit=',
    'limit=1&limit=2',
    'limit=9223372036854775807',
    'status=lost',
    'status=placed&status=placed',
    'cursor=',
    'cursor=!!',
    'cursor=eyJhIjoxfQ',
    'sort=id',
    '__proto__=1',
    'a[__proto__][x]=1',
    'constructor.prototype=1',
    `cursor=${Buffer.from('["x"]').toString('base64url')}`,
    `cursor=${Buffer.from(`["${id}",1]`).toString('base64url')}`,
    `cursor=${'A'.repeat(513)}`,
  ])('refuses the query %s', async (query) => {
    expectProblem(await toys.get(`/api/v1/toys?${query}`), 400, 'invalid-input');
  });
  it('refuses malformed path parameters by name', async () => {
    expect(expectProblem(await toys.get('/api/v1/toys/42'), 400).errors?.[0]).toMatchObject({
      field: 'id',
      rule: 'uuid',
    });
    expect(expectProblem(await toys.get('/api/v1/toys/by-sku/x'), 400).errors?.[0]).toMatchObject({ field: 'sku' });
    expect((await toys.get(`/api/v1/toys/${id.toUpperCase()}`)).json()).toEqual({ id });
  });
});
