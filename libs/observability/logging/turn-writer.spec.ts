import pino from 'pino';
import { TurnWriter } from './turn-writer.js';

describe('a writer of turns', () => {
  const written: string[] = [];
  const logger = pino({ base: null, timestamp: false }, new TurnWriter({ write: (text) => void written.push(text) }));
  beforeEach(() => written.splice(0));

  const messages = () =>
    written.map((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
    );

  it('writes what was said in one turn in one piece, and in order', async () => {
    for (const text of ['one', 'two', 'three']) logger.info(text);
    expect(written).toEqual([]);
    await new Promise(setImmediate);
    expect(messages()).toEqual([['one', 'two', 'three']]);
    logger.info('four');
    await new Promise(setImmediate);
    expect(messages()).toEqual([['one', 'two', 'three'], ['four']]);
  });

  it('writes a warning at once, after what was said before it', async () => {
    logger.info('all is well');
    logger.warn('not quite');
    expect(messages()).toEqual([['all is well', 'not quite']]);
    logger.error('broken');
    expect(messages()).toEqual([['all is well', 'not quite'], ['broken']]);
    await new Promise(setImmediate);
    expect(written).toHaveLength(2);
  });
});
