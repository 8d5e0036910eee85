import { dice, outcome, type Outcome } from './ask.fixture.js';
import { Type } from './building-blocks.js';
import { ContractViolation } from './contract-violation.js';
import { until } from './query-deadline.js';
import { QueryTimeout } from './query-errors.js';
import { Queries } from './queries.js';
import { defineQuery } from './query.js';

const define = (name: string) =>
  defineQuery(`notes.${name}`, 1, {
    input: Type.Object({ words: Type.Array(Type.String()) }),
    output: Type.Object({ count: Type.Integer(), more: Type.Optional(Type.Unknown()) }),
    deadlineMs: 60_000,
  });

const Count = define('count');
const Later = define('later');
const Sullen = define('sullen');
const Passing = define('passing');
const Nobody = define('nobody');
const Lonely = define('lonely');

/** What an answerer may throw; of none of it more than words crosses the border. */
const thrown = [
  new RangeError('no such words'),
  new ContractViolation('notes.other.v1', [{ path: '/', rule: 'type', message: 'is not that' }]),
  new QueryTimeout('notes.other.v1', 5),
  'only words',
  undefined,
  { message: 'no error' },
];

/** Answerers that keep their contract and change nothing they were given. */
function answerIn(queries: Queries): Queries {
  queries.answer(Count, ({ words }) => ({ count: words.length, more: { words, deep: [null, { 1: 1.5 }] } }));
  queries.answer(Later, async ({ words }) => {
    await Promise.resolve();
    return { count: words.join('').length };
  });
  queries.answer(Sullen, ({ words }) => {
    const one = thrown[words.length % thrown.length];
    if (words.length % 2) throw one;
    return Promise.reject(one as Error);
  });
  queries.answer(Passing, async (input) => ({ count: 1 + (await queries.ask(Sullen, input)).count }));
  queries.answer(Lonely, (input) => queries.ask(Nobody, input));
  return queries;
}

describe('asking directly', () => {
  it('comes out as asking strictly does, of answerers that keep their contracts', async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const roll = dice(seed);
    const direct = answerIn(new Queries({ strict: false }));
    const strict = answerIn(new Queries({ strict: true }));
    const queries = [Count, Later, Sullen, Passing, Nobody, Lonely];
    const kinds = new Set<string>();
    for (let n = 0; n < 300; n++) {
      const query = queries[roll(queries.length)]!;
      const input = { words: Array.from({ length: roll(8) }, () => 'wörd 😀'.slice(roll(6))) };
      const expected = await outcome(strict, query, input);
      expect({ seed, query: query.type, ...(await outcome(direct, query, input)) }).toStrictEqual({
        seed,
        query: query.type,
        ...expected,
      });
      kinds.add('answer' in expected ? 'answer' : expected.name);
    }
    expect([...kinds].sort()).toEqual(['QueryFailed', 'QueryUnanswered', 'answer']);
  });

  it('hands over what was given, and judges nothing', async () => {
    const queries = new Queries({ strict: false });
    const kept = { count: 'many' } as never;
    let seen: unknown;
    queries.answer(Count, (input) => ((seen = input), kept));
    const input = { words: 7 } as never;
    expect(await queries.ask(Count, input)).toBe(kept);
    expect(seen).toBe(input);
  });

  it('waits for an answer as long as it takes, but is not begun when the time of the question under way is over', async () => {
    const queries = new Queries({ strict: false });
    const asked: unknown[] = [];
    queries.answer(Count, (input) => (asked.push(input), { count: 1 }));
    const input = { words: [] };
    expect(await until(performance.now() + 60_000, () => outcome(queries, Count, input))).toEqual({
      answer: { count: 1 },
    });
    const late = await until(performance.now() - 1, () => outcome(queries, Count, input));
    expect(late).toMatchObject({ name: 'QueryTimeout', more: { query: Count.type } });
    expect(asked).toEqual([input]);
  });
});

describe('asking strictly', () => {
  it('leaves to what is asked meanwhile only the time that is left', async () => {
    const queries = new Queries();
    const Outer = defineQuery('notes.outer', 1, { input: Count.input, output: Count.output, deadlineMs: 40 });
    queries.answer(Count, () => new Promise(() => {}));
    const inner = new Promise<Outcome>((resolve) =>
      queries.answer(Outer, async (input) => {
        resolve(await outcome(queries, Count, input));
        return { count: 0 };
      }),
    );
    await outcome(queries, Outer, { words: [] });
    const { name, more } = (await inner) as { name: string; more: { deadlineMs?: number } };
    expect(name).toBe('QueryTimeout');
    expect(more.deadlineMs).toBeLessThanOrEqual(40);
  });
});
