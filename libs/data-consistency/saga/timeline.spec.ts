import { withDurations, type Happening } from './timeline.js';

const line = (ms: number, what: Happening, step: string | null = null) => ({
  what,
  step,
  detail: null,
  messageId: null,
  at: new Date(ms),
});
const took = (...lines: ReturnType<typeof line>[]) => withDurations(lines).map(({ tookMs }) => tookMs);

describe('a timeline', () => {
  it('says how long each answer and the whole took', () => {
    expect(
      took(
        line(0, 'started'),
        line(1, 'asked', 'a'),
        line(11, 'done', 'a'),
        line(12, 'asked', 'b'),
        line(32, 'failed', 'b'),
        line(32, 'turned back'),
        line(32, 'undo asked', 'a'),
        line(39, 'undone', 'a'),
        line(40, 'compensated'),
      ),
    ).toEqual([null, null, 10, null, 20, null, null, 7, 40]);
  });

  it('counts from the first asking, however often it was asked again', () => {
    expect(
      took(
        line(0, 'started'),
        line(0, 'asked', 'a'),
        line(10, 'timed out', 'a'),
        line(10, 'asked again', 'a'),
        line(15, 'done', 'a'),
      ),
    ).toEqual([null, null, 10, null, 15]);
  });

  it('may be empty', () => expect(took()).toEqual([]));
});
