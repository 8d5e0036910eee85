import { copyAsJson, isJson } from './json-copy.js';

const byJson = (value: unknown): unknown => {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? undefined : JSON.parse(text);
};

class Money {
  constructor(readonly amount: number) {}
  get doubled() {
    return 2 * this.amount;
  }
}

const circle: Record<string, unknown> = {};
circle.self = circle;
const deep = Array.from({ length: 200 }).reduce<unknown>((inner) => ({ inner }), 1);

const values: unknown[] = [
  undefined,
  null,
  '',
  'ä 😀 \ud800 "\\\n',
  true,
  0,
  -0,
  1e300,
  Number.NaN,
  Number.NEGATIVE_INFINITY,
  10n,
  Symbol('s'),
  () => 1,
  [],
  [1, , undefined, Number.NaN, () => 1], // oxlint-disable-line no-sparse-arrays -- a hole travels as null
  {},
  { a: undefined, b: null, c: [undefined] },
  { 2: 'b', 1: 'a', z: 1 },
  { at: new Date(0), or: [new Date(Number.NaN)] },
  { toJSON: () => 'mine' },
  Object.assign([1], { toJSON: () => 'mine' }),
  { map: new Map([[1, 2]]), bytes: new Uint8Array([1, 2]), pattern: /x/, error: new Error('x') },
  new Money(3),
  { money: [new Money(3)] },
  Object.create(null),
  Object.assign(Object.create({ inherited: 1 }), { own: 1 }),
  JSON.parse('{"__proto__":{"a":1}}'),
  { boxed: [Object(1), Object('s'), Object(false)] },
  Object.defineProperty({ seen: 1 }, 'unseen', { value: 2 }),
  { big: 1n },
  circle,
  deep,
];

const attempt = (work: () => unknown) => {
  try {
    return { value: work() };
  } catch (error) {
    return { thrown: (error as Error).constructor.name, message: (error as Error).message };
  }
};
/** Whatever can be told of a value: -0, keys of undefined and prototypes too. */
const same = (one: unknown, other: unknown) => expect(one).toStrictEqual(other);

it.each(values.map((value, n) => [n, value]))('a copy of value %i is what JSON makes of it', (_n, value) => {
  same(
    attempt(() => copyAsJson(value)),
    attempt(() => byJson(value)),
  );
});

it.each(values.map((value, n) => [n, value]))('value %i is said to travel unchanged only if it does', (_n, value) => {
  if (isJson(value)) same(value, byJson(value));
});

it('what JSON does not see stays behind', () => {
  expect(copyAsJson({ seen: 1, [Symbol('unseen')]: 2 })).toStrictEqual({ seen: 1 });
});

it('plain data is known to travel unchanged, and its copy shares nothing with it', () => {
  const plain = { text: 'a', list: [1, { deep: [null, true, -1.5] }], empty: {} };
  expect(isJson(plain)).toBe(true);
  const copy = copyAsJson(plain);
  expect(copy).toEqual(plain);
  expect(copy.list).not.toBe(plain.list);
  expect(copy.list[1]).not.toBe(plain.list[1]);
  expect(copy.empty).not.toBe(plain.empty);
});
