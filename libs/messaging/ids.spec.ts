import { newId } from './ids.js';

describe('ids', () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, newId);

  it('are UUIDs of version 7, of now', () => {
    const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(ids.filter((id) => !uuid7.test(id))).toEqual([]);
    const times = ids.map((id) => Number.parseInt(id.replace('-', '').slice(0, 12), 16));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(before);
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
  });

  it('are unique and in the order of their making, also within a millisecond', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('cannot be guessed from the one before', () => {
    const ends = ids.map((id) => Number.parseInt(id.slice(-10), 16));
    const steps = ends.slice(1).map((end, at) => end - ends[at]!);
    expect(new Set(steps).size).toBeGreaterThan(steps.length - 5); // a counter takes the same one again and again
    const up = steps.filter((step) => step > 0).length / steps.length;
    expect(up).toBeCloseTo(0.5, 1); // and goes one way, however far
  });
});
