import { jest } from '@jest/globals';
import { Type } from './building-blocks.js';
import { ContractViolation } from './contract-violation.js';
import { DeadlineWheel } from './deadline-wheel.js';
import { Queries } from './queries.js';
import { strictly } from './query-calls.js';
import { QueryFailed, QueryTimeout, QueryUnanswered } from './query-errors.js';
import { defineQuery } from './query.js';

const Notes = defineQuery('notes.of-author', 1, {
  input: Type.Object({ author: Type.String(), tags: Type.Optional(Type.Array(Type.String())) }),
  output: Type.Object({ notes: Type.Array(Type.String()) }),
  deadlineMs: 50,
});

afterEach(() => void jest.useRealTimers());

describe('asking', () => {
  it('shares nothing between the two sides', async () => {
    const queries = new Queries();
    const kept: { notes: string[] } = { notes: ['a'] };
    let seen: unknown;
    queries.answer(Notes, (input) => ((seen = input), kept));
    const input = { author: 'ada', tags: ['x'] };
    const answer = await queries.ask(Notes, input);
    expect(seen).toEqual(input);
    expect(seen).not.toBe(input);
    answer.notes.push('mine');
    expect(kept.notes).toEqual(['a']);
  });

  it('judges what would arrive after a journey: dates are text, undefined is absent', async () => {
    const queries = new Queries();
    queries.answer(Notes, () => ({ notes: [new Date(0) as unknown as string], more: undefined }));
    expect(await queries.ask(Notes, { author: 'ada', tags: undefined as unknown as string[] })).toEqual({
      notes: ['1970-01-01T00:00:00.000Z'],
    });
  });

  it('passes things on as they are when it is not strict', async () => {
    const queries = new Queries({ strict: false });
    const kept = { notes: [] };
    queries.answer(Notes, () => kept);
    expect(await queries.ask(Notes, { author: 'ada' })).toBe(kept);
  });

  it('gives up at the deadline, and a late failure of the answerer hurts nobody', async () => {
    jest.useFakeTimers();
    const queries = new Queries();
    let fail!: (error: Error) => void;
    queries.answer(Notes, () => new Promise((_, reject) => (fail = reject)));
    const asked = queries.ask(Notes, { author: 'ada' }).catch((error: Error) => error);
    await jest.advanceTimersByTimeAsync(100);
    expect(await asked).toBeInstanceOf(QueryTimeout);
    fail(new Error('late'));
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([
    ['it was answered', () => ({ notes: [] })],
    ['its answerer failed', () => Promise.reject(new Error('no such author'))],
  ])('lets nothing expire when %s, and leaves no timer behind', async (_, work) => {
    jest.useFakeTimers();
    const wheel = new DeadlineWheel();
    const set = jest.spyOn(wheel, 'set');
    const asked = strictly(Notes, () => Promise.resolve().then(work), wheel)({ author: 'ada' });
    const expire = jest.spyOn(set.mock.calls[0]![0], 'expire');
    await asked.catch(() => {});
    await jest.advanceTimersByTimeAsync(100);
    expect(expire).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('tells apart whose fault it was', async () => {
    const queries = new Queries();
    await expect(queries.ask(Notes, { author: 'ada' })).rejects.toThrow(QueryUnanswered);
    queries.answer(Notes, ({ author }) => {
      if (author === 'x') throw new RangeError('no such author');
      return { notes: 'none' } as never;
    });
    await expect(queries.ask(Notes, { author: 'x' })).rejects.toThrow(QueryFailed);
    await expect(queries.ask(Notes, { author: 'x' })).rejects.toThrow('no such author');
    await expect(queries.ask(Notes, { author: 'ada' })).rejects.toThrow(ContractViolation);
    await expect(queries.ask(Notes, {} as never)).rejects.toThrow(ContractViolation);
  });

  it('has one answerer per query', () => {
    const queries = new Queries();
    queries.answer(Notes, () => ({ notes: [] }));
    expect(() => queries.answer(Notes, () => ({ notes: [] }))).toThrow(/two answerers/);
  });
});

it.each([0, -1, Number.NaN, 60_001])('a deadline of %p is refused', (deadlineMs) => {
  const empty = Type.Object({});
  expect(() => defineQuery('notes.all', 1, { input: empty, output: empty, deadlineMs })).toThrow(/deadline/);
});
