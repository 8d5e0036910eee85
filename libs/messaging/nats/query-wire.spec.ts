import { readQuestions } from './query-wire.js';

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
    ['[null]', 'no question'],
    ['[{"principal":{}}]', 'damaged'],
    ['[{"principal":null}]', 'damaged'],
  ])('are refused when they are none: %s', (text, why) => expect(() => readQuestions(text, 1_000)).toThrow(why));
});
