import { jest } from '@jest/globals';
import { Type, defineEvent } from '@holdfast/messaging';
import { DEFAULT_BACKOFF_MS, Handlers, backoff, type MessageHandler } from './handler.js';

const Written = defineEvent('notes.written', 1, Type.Object({ id: Type.String() }), { key: 'id' });

const handler = (name: string, version = 1): MessageHandler => ({
  name,
  contract: { ...Written, version, type: `notes.written.v${version}` },
  lane: '',
  maxAttempts: 1,
  backoffMs: [1],
  handle: () => undefined,
});

afterEach(() => void jest.restoreAllMocks());

describe('backoff', () => {
  it.each([
    [1, 1_000],
    [2, 5_000],
    [3, 30_000],
    [4, 120_000],
    [5, 600_000],
    [9, 600_000],
  ])('after %i failures waits %i ms, give or take a fifth', (failures, ms) => {
    const random = jest.spyOn(Math, 'random');
    for (const [chance, factor] of [
      [0, 0.8],
      [0.5, 1],
      [1, 1.2],
    ] as const) {
      random.mockReturnValue(chance);
      expect(backoff({ backoffMs: DEFAULT_BACKOFF_MS }, failures)).toBe(Math.round(ms * factor));
    }
  });

  it('has an answer for a handler that names none', () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    expect(backoff({ backoffMs: [] }, 3)).toBe(1_000);
  });
});

describe('the handlers of a context', () => {
  const handlers = new Handlers([handler('one'), handler('two'), handler('one', 3)]);

  it('are found by the very version they read', () => {
    expect(handlers.of('notes.written.v1').map(({ name }) => name)).toEqual(['one', 'two']);
    expect(handlers.of('notes.written.v2')).toEqual([]);
    expect(handlers.find('notes.written.v3', 'one')?.contract.version).toBe(3);
    expect(handlers.find('notes.written.v3', 'two')).toBeUndefined();
  });

  it('read a contract when they read any version of it', () => {
    expect(handlers.readsContract('notes.written')).toBe(true);
    expect(handlers.readsContract('notes.read')).toBe(false);
  });

  it('must not share a name for one contract: the second would never run', () => {
    expect(() => new Handlers([handler('one'), handler('one')])).toThrow(/Two handlers/);
  });
});
