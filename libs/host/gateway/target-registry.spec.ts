import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readTargets } from './target-registry.js';
import { Targets } from './targets.js';

const one = 'http://127.0.0.1:4001';

describe('the registry of targets', () => {
  it('is JSON, or a file with it', () => {
    const text = JSON.stringify({ orders: [one, 'http://[::1]:4002/'], users: one });
    const expected = new Map([
      ['orders', [one, 'http://[::1]:4002']],
      ['users', [one]],
    ]);
    expect(readTargets(text, ['orders', 'users'])).toEqual(expected);
    const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-targets-'));
    writeFileSync(path.join(folder, 'targets.json'), text);
    expect(readTargets(path.join(folder, 'targets.json'), ['orders'])).toEqual(expected);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['{', /not a JSON object/],
    ['/no/such/file', /\/no\/such\/file, which cannot be read/],
    ['{"orders":[]}', /nobody answers for orders/],
    ['{}', /nobody answers for orders/],
    ['{"orders":["127.0.0.1:4001"]}', /orders: "127.0.0.1:4001" is not an address/],
    ['{"orders":["http://a/path"]}', /orders: "http:\/\/a\/path" is not an address/],
    ['{"orders":[7]}', /orders: 7 is not an address/],
  ])('names what is wrong with %s', (text, message) => {
    expect(() => readTargets(text, ['orders'])).toThrow(message);
  });
});

describe('choosing a replica', () => {
  const options = { timeoutMs: 100, connections: 1 };

  it('takes the one with the least to do, in turn, and none that refused', () => {
    const targets = new Targets(new Map([['orders', [one, 'http://127.0.0.1:4002']]]), options);
    const [first, second] = targets.of('orders');
    const chosen = [targets.choose('orders'), targets.choose('orders'), targets.choose('orders')];
    expect(chosen[0]).not.toBe(chosen[1]);
    expect(chosen[2]).toBe(chosen[0]);
    first!.inFlight = 2;
    expect(targets.choose('orders')).toBe(second);
    expect(targets.choose('orders', new Set([second!]))).toBe(first);
    second!.refused();
    expect(targets.choose('orders')).toBe(first);
    first!.refused();
    expect(targets.choose('orders')).toBeUndefined();
    expect(targets.choose('nobody')).toBeUndefined();
  });

  it('knows a process that answers for several contexts as one', () => {
    const registry = new Map([
      ['orders', [one]],
      ['users', [one]],
    ]);
    const targets = new Targets(registry, options);
    expect(targets.all()).toHaveLength(1);
    expect(targets.of('orders')[0]).toBe(targets.of('users')[0]);
  });
});
