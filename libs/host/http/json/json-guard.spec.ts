import { guardJson } from './json-guard.js';

describe('guardJson', () => {
  it.each([
    '{}',
    '[]',
    '0',
    '"{[\\"\\\\"',
    '{"a":{"x":1},"b":{"x":1}}',
    '[{"x":1},{"x":1}]',
    '{"a":[1,2,{"a":3}],"aa":4}',
    '{"a":"a","b":"a"}',
    '{"a":"\\ud83c\\udf75\\ud83c\\udf75"}',
    '{"a":"\\\\ud800"}',
    '{"a":"\\\\u0000"}',
    '[1e308,-9007199254740991,9007199254740991,0.1,1E-400]',
  ])('takes %s', (text) => {
    expect(() => guardJson(text)).not.toThrow();
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it.each([
    '{"a":"\\\\\\u0000"}',
    '{"a":"\\ud83c\\ud83c\\udf75"}',
    '{"a":1,"b":[{"c":1,"c":2}]}',
    '[9007199254740992]',
  ])('refuses %s', (text) => {
    expect(() => guardJson(text)).toThrow();
  });

  it('counts keys over all objects and items over all lists', () => {
    const limits = { depth: 3, keys: 3, items: 3 };
    expect(() => guardJson('[{"a":1},{"b":1},{"c":1}]', limits)).not.toThrow();
    expect(() => guardJson('[{"a":1},{"b":1},{"c":1,"d":1}]', limits)).toThrow('More than 3 keys');
    expect(() => guardJson('[[1,2],[3,4],[5,6]]', limits)).toThrow('More than 3 list items');
    expect(() => guardJson('[[[[]]]]', limits)).toThrow('Nested more than 3');
  });

  it('reads 256 kB of anything in linear time', () => {
    const began = process.cpuUsage(); // work, not time: the machine may be busy
    for (const unit of ['"', '\\', '{"a":', '1', '-', ',', '\\u', '"\\ud83c\\udf75"', '{}', '[]']) {
      try {
        guardJson(unit.repeat(262_144 / unit.length));
      } catch {
        // refusing it is as good as taking it
      }
    }
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(1_000);
  });
});
