import { newId } from './ids.js';

describe('ids', () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, newId);

  it('are UUIDs of version 7, of now', () => {
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const times = ids.map((id) => Number.parseInt(id.replace('-', '').slice(0, 12), 16));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(before);
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
  });

  it('are unique and in the order of their making, also within a millisecond', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
  });

  it('cannot be guessed from the one before', () => {
    expect(new Set(ids.map((id) => id.slice(-10))).size).toBeGreaterThan(ids.length - 5);
  });
});
