import { dueGeneration, signingFirst } from './signing-key.js';

const DAY = 86_400;

describe('a generation of signing keys', () => {
  it('is due when there is none', () => {
    expect(dueGeneration(undefined, 30)).toBe(1);
  });

  it.each([
    [30 * DAY - 1, undefined],
    [30 * DAY, 8],
  ])('follows the seventh at the age of 30 days (%d s)', (ageSeconds, due) => {
    expect(dueGeneration({ generation: 7, ageSeconds }, 30)).toBe(due);
  });
});

describe('the key that signs', () => {
  const previous = { kid: 'previous', ageSeconds: 31 * DAY };
  const newest = (ageSeconds: number) => ({ kid: 'newest', ageSeconds });
  const order = (...keys: { kid: string; ageSeconds: number }[]) => signingFirst(keys).map(({ kid }) => kid);

  it('is the only one at once', () => {
    expect(order(newest(0))).toEqual(['newest']);
  });

  it('is the newest as soon as every edge has read it', () => {
    expect(order(newest(899), previous)).toEqual(['previous', 'newest']);
    expect(order(newest(900), previous)).toEqual(['newest', 'previous']);
  });

  it('is never an older one than the previous', () => {
    expect(order(newest(1), previous, { kid: 'ancient', ageSeconds: 90 * DAY })).toEqual(['previous', 'newest']);
  });
});
