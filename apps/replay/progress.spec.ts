import { Progress, type Screen } from './progress.js';

function watch(isTTY: boolean) {
  const written: string[] = [];
  const clock = { seconds: 100 };
  const screen: Screen = { write: (text) => written.push(text), isTTY };
  return { written, clock, progress: new Progress('sums', screen, () => clock.seconds) };
}

describe('the progress of a replay', () => {
  it('is a line now and then where nobody watches', () => {
    const { written, clock, progress } = watch(false);
    for (let second = 0; second <= 4; second++) {
      clock.seconds = 100 + second;
      progress.tell(second * 25_000, 200_000);
    }
    progress.finish(200_000, 'done');
    expect(written).toEqual([
      '  sums: 0 of 200,000 events, 0 %, 0/s\n',
      '  sums: 50,000 of 200,000 events, 25 %, 25,000/s, 6 s left\n',
      '  sums: 100,000 of 200,000 events, 50 %, 25,000/s, 4 s left\n',
      '  sums: 200,000 events in 4.0 s, 50,000/s; done\n',
    ]);
  });

  it('is one line that changes on a terminal', () => {
    const { written, clock, progress } = watch(true);
    for (const done of [0, 10, 20]) {
      clock.seconds += 0.1;
      progress.tell(done, 20);
    }
    progress.finish(20, 'done');
    expect(written.slice(0, -1).every((text) => text.startsWith('\r\u001B[K') && !text.includes('\n'))).toBe(true);
    expect(written.at(-1)).toBe('\n');
  });

  it('counts only what it saw, when a rebuild is gone on with', () => {
    const { written, clock, progress } = watch(false);
    progress.tell(80_000, 100_000);
    clock.seconds += 2;
    progress.tell(90_000, 100_000);
    expect(written.at(-1)).toBe('  sums: 90,000 of 100,000 events, 90 %, 5,000/s, 2 s left\n');
  });

  it('knows an empty log', () => {
    const { written, progress } = watch(false);
    progress.tell(0, 0);
    expect(written).toEqual(['  sums: 0 of 0 events, 100 %, 0/s\n']);
  });
});
