import { Misuse, readRequest } from './replay-request.js';

const read = (line: string) => readRequest(line.split(' ').filter(Boolean));

describe('the command line of a replay', () => {
  it.each<[string, object]>([
    ['orders', { target: 'orders', sandbox: false }],
    ['--sandbox order-summaries', { target: 'order-summaries', sandbox: true }],
    [
      'orders --sandbox --from 17 --to=2026-11-20T10:30:00+01:00',
      { target: 'orders', sandbox: true, from: { position: 17 }, to: { instant: new Date('2026-11-20T09:30:00Z') } },
    ],
  ])('%s', (line, request) => expect(read(line)).toEqual(request));

  it.each([
    '',
    'orders payments',
    'orders --from 3',
    'orders --to 2026-11-20T09:30:00Z',
    'orders --sandbox --from yesterday',
    'orders --sandbox --from 2026-11-20',
    'orders --sandbox --to -5',
    'orders --sandbox --to 2026-13-20T09:30:00Z',
    'orders --sandbox --from',
    'orders --faster',
  ])('refuses "%s" and says why', (line) => {
    expect(() => read(line)).toThrow(Misuse);
    expect(() => read(line)).toThrow(/\w{3}/);
  });
});
