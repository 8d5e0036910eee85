import { DamagedQuestion, readQuestions } from './query-wire.js';

describe('questions as they arrive', () => {
  it.each([
    ['250', 250],
    ['"250"', 250],
    ['0', 1_000],
    ['-5', 1_000],
    ['null', 1_000],
    ['"soon"', 1_000],
    ['1e15', 60_000],
    ['1e999', 60_000],
  ])('wait %s ms: for %i', (said, withinMs) => {
    expect(readQuestions(`[{"withinMs":${said}},{}]`, 1_000)).toEqual([{ withinMs }, { withinMs: 1_000 }]);
  });

  it.each([
    ['{}', 'no list of questions'],
    ['?', 'not valid JSON'],
  ])('are refused together when nobody can tell them apart: %s', (text, why) =>
    expect(() => readQuestions(text, 1_000)).toThrow(why),
  );

  it.each([
    ['null', 1_000, 'no question'],
    ['7', 1_000, 'no question'],
    ['{"withinMs":5,"principal":{}}', 5, 'damaged'],
    ['{"withinMs":5,"principal":null}', 5, 'damaged'],
  ])('are judged one by one: %s', (damaged, withinMs, why) => {
    const [first, second, third] = readQuestions(`[{"withinMs":5},${damaged},{"withinMs":7}]`, 1_000);
    expect([first, third]).toEqual([{ withinMs: 5 }, { withinMs: 7 }]);
    expect(second).toBeInstanceOf(DamagedQuestion);
    expect(second).toMatchObject({ withinMs, why: { message: expect.stringContaining(why) } });
  });
});
