import { validate, version } from 'uuid';
import { newCorrelationId } from './new-correlation-id.js';

it('is a UUIDv7 of its own each time, also when chance is drawn anew', () => {
  const ids = Array.from({ length: 2_000 }, newCorrelationId);
  expect(ids.every((id) => validate(id) && version(id) === 7)).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(ids.map((id) => id.slice(-12))).size).toBe(ids.length);
});
