import { randomUUID } from 'node:crypto';
import { type Answer, type Problem, expectProblem } from '../support/client.js';
import { inParallel } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import { type Operation, changed, documentOf, exampleOf, operationsOf, placesIn } from '../support/openapi.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import type { User } from '../support/user.js';

interface Attempt {
  operation: Operation;
  what: string;
  raw: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  status?: number;
  /** The field that must be named. */
  field?: string;
}

describe.each(topologies)('bad input (%s)', (topology) => {
  let shop: Shop;
  let operations: Operation[];
  let withBody: Operation[];
  let users: Record<'customer' | 'admin' | 'operator', User>;
  /** Lines in the log before the first attempt. */
  let written: number;

  beforeAll(async () => {
    shop = await topology.start();
    operations = operationsOf(await documentOf(shop));
    withBody = operations.filter(({ body }) => body);
    const [customer, admin, operator] = await Promise.all([shop.customer(), shop.admin(), shop.operator()]);
    users = { customer, admin, operator };
    written = shop.logs().length;
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop, { traces: 0 });

  const send = ({ operation, raw, headers }: Pick<Attempt, 'operation' | 'raw' | 'headers'>) => {
    const { access, method, path } = operation;
    const sender = Array.isArray(access) ? users[access[0] as 'admin'] : users.customer;
    return sender.request(method, path.replace('NO-SUCH-TEA', 'TEA-020'), { raw, key: randomUUID(), headers });
  };

  /** Every attempt is refused, in the form in which everything is refused, and names the field at fault. */
  async function areRefused(attempts: Attempt[]): Promise<void> {
    expect(attempts.length).toBeGreaterThan(withBody.length - 1);
    const wrong = await inParallel(attempts, 8, async (attempt) => {
      const answer = await send(attempt);
      const complaint = complaintOf(attempt, answer);
      return complaint && `${attempt.operation}: ${attempt.what} → ${complaint}`;
    });
    expect(wrong.filter(Boolean)).toEqual([]);
  }

  function complaintOf({ status = 400, field }: Attempt, answer: Answer<Problem>): string | undefined {
    const said = `${answer.status} ${answer.text.slice(0, 300)}`;
    if (answer.status !== status) return said;
    if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) return `not a problem: ${said}`;
    if (answer.body.status !== status || !answer.body.traceId) return `an incomplete problem: ${said}`;
    const named = answer.body.errors?.some(
      ({ field: at }) => at === field || isPartOf(at, field) || isPartOf(field, at),
    );
    return field === undefined || named ? undefined : `does not name ${field}: ${said}`;
  }

  const onEach = (make: (operation: Operation, example: unknown) => Omit<Attempt, 'operation'>[]) =>
    withBody.flatMap((operation) =>
      make(operation, exampleOf(operation.body!)).map((attempt) => ({ operation, ...attempt })),
    );

  it('is generated from what the shop takes: its own examples are in order', async () => {
    expect(withBody.length).toBeGreaterThanOrEqual(8);
    for (const operation of withBody) {
      const answer = await send({ operation, raw: JSON.stringify(exampleOf(operation.body!)) });
      expect(`${operation} ${answer.status} ${answer.text.slice(0, 300)}`).not.toMatch(/^\w+ \S+ (400|5\d\d|415)/);
    }
  });

  it('with a missing field', () =>
    areRefused(
      onEach(({ body }, example) =>
        placesIn(body!)
          .filter(({ required, path }) => required && typeof path.at(-1) === 'string')
          .map(({ field, path }) => {
            return { what: `without ${field}`, raw: JSON.stringify(changed(example, path, undefined)), field };
          }),
      ),
    ));

  it('with a field nobody knows', () =>
    areRefused(
      onEach(({ body }, example) => {
        const objects = [
          [],
          ...placesIn(body!)
            .filter(({ schema }) => schema.properties)
            .map(({ path }) => path),
        ];
        const names = ['id', 'role', 'userId', 'status', 'version', 'isAdmin', 'createdAt', 'price_', '0'];
        return objects.flatMap((path) =>
          names.map((name) => ({
            what: `with ${[...path, name].join('.')}`,
            raw: JSON.stringify(changed(example, [...path, name], 'x')),
          })),
        );
      }),
    ));

  it('with names that reach into prototypes', () =>
    areRefused(
      onEach((_operation, example) =>
        ['__proto__', 'constructor', 'prototype'].map((name) => ({
          what: name,
          raw: `{"${name}":{"polluted":true},${JSON.stringify(example).slice(1)}`,
        })),
      ),
    ));

  it('with a value of another kind', () =>
    areRefused(
      onEach(({ body }, example) =>
        placesIn(body!).flatMap(({ field, path, schema }) => {
          const number = schema.type === 'integer';
          const kinds = [null, true, [], {}, ...(number ? ['1', '0x10', ' 3 ', 1.5, -1, 1e21] : [12_345, ''])];
          const others = kinds.filter((kind) => !(schema.properties && JSON.stringify(kind) === '{}'));
          return others.map((value) => ({
            what: `${field} = ${JSON.stringify(value)}`,
            raw: JSON.stringify(changed(example, path, value)),
            field,
          }));
        }),
      ),
    ));

  it('with text and numbers that no database or program can hold', () =>
    areRefused(
      onEach(({ body }, example) =>
        placesIn(body!).flatMap(({ field, path, schema }) => {
          const values =
            schema.type === 'integer'
              ? ['1e400', '-1e400', '9007199254740993', '9223372036854775808', '1234567890123456789']
              : schema.type === 'string'
                ? [
                    '"a\\u0000b"',
                    '"\\ud800"',
                    '"x\\udfff"',
                    '"\\ud800x\\u002ec@example.com"',
                    `"${'x'.repeat(70_000)}"`,
                  ]
                : [];
          return values.map((value) => ({
            what: `${field} = ${value.slice(0, 30)}`,
            raw: JSON.stringify(changed(example, path, '@@')).replace('"@@"', value),
          }));
        }),
      ),
    ));

  it('that is no JSON object', () =>
    areRefused(
      onEach((_operation, example) => {
        const json = JSON.stringify(example);
        const latin = Uint8Array.from(Buffer.from(json.replace('"', '"\u00ff'), 'latin1'));
        const odd = ['', '{', 'null', '[]', '1', '"text"', '{"a":1,}', "{'a':1}", `${json}${json}`, `${json}\n${json}`];
        return [
          ...odd.map((raw) => ({ what: raw.slice(0, 20) || 'nothing', raw })),
          { what: 'not UTF-8', raw: latin },
          { what: '100 levels deep', raw: `${'{"a":'.repeat(100)}1${'}'.repeat(100)}` },
          { what: '50,000 lists deep', raw: `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}` },
        ];
      }),
    ));

  it('that is too large, or of another kind', () =>
    areRefused(
      onEach((_operation, example) => {
        const raw = JSON.stringify(example);
        return [
          { what: 'huge', raw: JSON.stringify({ a: 'x'.repeat(300_000) }), status: 413 },
          ...[
            'text/plain',
            'application/xml',
            'multipart/form-data; boundary=x',
            'application/x-www-form-urlencoded',
          ].map((type) => ({ what: type, raw, headers: { 'content-type': type }, status: 415 })),
        ];
      }),
    ));

  it('in the query', async () => {
    const wrong: string[] = [];
    const tries = operations
      .filter(({ method }) => method === 'GET')
      .flatMap((operation) => {
        const own = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
        const limits = ['0', '-1', 'abc', '1e3', '', '1.5', '999999999999'].map((value) => `limit=${value}`);
        return [
          ...(own.includes('limit') ? [...limits, 'limit=1&limit=2', 'limit[]=1'] : []),
          ...(own.includes('cursor')
            ? ['cursor=x', 'cursor=', `cursor=${'A'.repeat(3_000)}`, 'cursor=%F0%9F%8D%B5']
            : []),
          ...(own.includes('status') ? ['status=lost', 'status=', 'status=placed&status=placed'] : []),
          ...(own.includes('orderId') ? ['', 'orderId=1', 'orderId=', "orderId=' or 1=1", 'orderId[$ne]=1'] : []),
          ...(own.length > 0 ? ['__proto__[x]=1', 'constructor=1', 'unknown=1', 'a=%00'] : []),
        ].map((query) => ({ operation, query }));
      });
    expect(tries.length).toBeGreaterThan(20);
    await inParallel(tries, 8, async ({ operation, query }) => {
      const { access, path } = operation;
      const sender = Array.isArray(access) ? users[access[0] as 'admin'] : users.customer;
      const answer = await sender.get(`${path}?${query}`);
      const refused = answer.status === 400 || (operation.path.includes('/trace') && answer.status === 404);
      if (!refused) wrong.push(`${operation}?${query.slice(0, 40)} → ${answer.status} ${answer.text.slice(0, 200)}`);
    });
    expect(wrong).toEqual([]);
  });

  it('in the path', async () => {
    const ids = ['1', 'null', 'x'.repeat(150), "'%20or%201=1", '%F0%9F%8D%B5', '..%2f..', '%00', '$%7Bjndi:x%7D', '-1'];
    const wrong: string[] = [];
    const tries = operations
      .filter(({ template }) => template.includes('{'))
      .flatMap((operation) => ids.map((id) => ({ operation, id })));
    await inParallel(tries, 8, async ({ operation, id }) => {
      const { access, template, method, body } = operation;
      const sender = Array.isArray(access) ? users[access[0] as 'admin'] : users.customer;
      const raw = body && JSON.stringify(exampleOf(body));
      const answer = await sender.request(method, template.replace(/\{\w+\}/, id), { raw, key: randomUUID() });
      // A SKU is any short text: '1' may well be one that nobody sells, and an admin may give it a stock.
      const sku = template.includes('{sku}') && ['1', 'null', '-1'].includes(id) && answer.status < 300;
      if (!sku && ![400, 404, 414].includes(answer.status)) wrong.push(`${operation} ${id} → ${answer.status}`);
      else if (!sku) expectProblem(answer, answer.status);
    });
    expect(wrong).toEqual([]);
  });

  it('by a method that the route does not have', async () => {
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'];
    for (const [template, own] of Map.groupBy(operations, ({ template }) => template)) {
      const path = own[0]!.path;
      const known = operations.filter(({ template: other }) => matches(other, path)).map(({ method }) => method);
      for (const method of methods.filter((one) => !known.includes(one))) {
        const answer = await users.admin.request(method, path, method === 'GET' ? {} : { raw: '{' });
        expect(`${method} ${template} ${answer.status}`).toBe(`${method} ${template} 405`);
        expectProblem(answer, 405, 'method-not-allowed');
        const allowed = answer.headers.get('allow')!.split(', ');
        expect(allowed).toEqual(expect.arrayContaining(known));
        expect(allowed).not.toContain(method);
      }
    }
  });

  it('and nothing of all that was an error of the shop', () => {
    const lines = shop
      .logs()
      .slice(written)
      .filter((line) => /"level":"(error|fatal)"/.test(line) || /"status":5\d\d/.test(line));
    expect(lines).toEqual([]);
  });
});

/** `lines[0].sku` is part of `lines[0]`, and that of `lines`. */
const isPartOf = (inner = '', outer = '') => inner.startsWith(outer) && /^[.[]/.test(inner.slice(outer.length));

const matches = (template: string, path: string) => new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);
