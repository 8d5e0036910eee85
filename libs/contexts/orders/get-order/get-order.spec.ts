import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { Moment } from './get-order.js';

const isMoment = (asOf?: unknown) => validateSync(plainToInstance(Moment, { asOf })).length === 0;

describe('a moment to look at', () => {
  it.each([
    undefined,
    '2026-11-20T09:30:00Z',
    '2026-11-20T09:30:00.123Z',
    '2026-11-20T09:30:00.123456789+01:00',
    '2024-02-29T23:59:59-23:59',
  ])('accepts %s', (asOf) => {
    expect(isMoment(asOf)).toBe(true);
    if (asOf !== undefined) expect(new Date(asOf).getTime()).not.toBeNaN();
  });

  it.each([
    '',
    'yesterday',
    '1763631000',
    '2026-11-20',
    '2026-11-20T09:30:00',
    '2026-11-20 09:30:00Z',
    '2026-11-20T09:30Z',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T09:30:60Z',
    '+002026-11-20T09:30:00Z',
    ['2026-11-20T09:30:00Z', '2026-11-20T09:30:00Z'],
  ])('refuses %s', (asOf) => {
    expect(isMoment(asOf)).toBe(false);
  });
});
