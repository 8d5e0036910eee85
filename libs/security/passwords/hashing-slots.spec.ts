import { HashingSlots, PasswordsBusyError } from './hashing-slots.js';

/** Work that ends when the test says so. */
function pieces(count: number) {
  let running = 0;
  let most = 0;
  const started: number[] = [];
  const all = Array.from({ length: count }, (_, index) => {
    const gate = Promise.withResolvers<void>();
    const work = async () => {
      started.push(index);
      most = Math.max(most, ++running);
      await gate.promise;
      running -= 1;
      return index;
    };
    return { work, ...gate };
  });
  return { all, started, most: () => most };
}

describe('hashing slots', () => {
  it('never run more than allowed, and first come, first served', async () => {
    const { all, started, most } = pieces(6);
    const slots = new HashingSlots(2, 10);
    const results = all.map(({ work }) => slots.run(work));
    expect(started).toEqual([0, 1]);
    for (const { resolve } of all) resolve();
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(started).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most()).toBe(2);
  });

  it('turn away at once what finds the queue full', async () => {
    const { all } = pieces(4);
    const slots = new HashingSlots(1, 2);
    const results = all.slice(0, 3).map(({ work }) => slots.run(work));
    await expect(slots.run(all[3].work)).rejects.toThrow(PasswordsBusyError);
    await expect(slots.run(all[3].work)).rejects.toMatchObject({ retryAfterSeconds: 1 });
    for (const { resolve } of all) resolve();
    expect(await Promise.all(results)).toEqual([0, 1, 2]);
    expect(await slots.run(all[3].work)).toBe(3);
  });

  it('are given back by work that fails', async () => {
    const { all } = pieces(2);
    const slots = new HashingSlots(1, 1);
    const failing = slots.run(all[0].work);
    const waiting = slots.run(all[1].work);
    all[0].reject(new Error('no'));
    all[1].resolve();
    await expect(failing).rejects.toThrow('no');
    expect(await waiting).toBe(1);
    expect(await slots.run(async () => 'free')).toBe('free');
  });
});
