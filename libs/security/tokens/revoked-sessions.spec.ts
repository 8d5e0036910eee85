import { RevokedSessions } from './revoked-sessions.js';

const tokenOf = (sessionId?: string) => ({ principal: { id: 'ada', roles: [], ...(sessionId && { sessionId }) } });
const LIFETIME_MS = 630_000;

let now = 0;
let revoked: RevokedSessions;

beforeEach(() => {
  now = 1_000;
  revoked = new RevokedSessions(() => now);
});

it('knows the sessions it was told about, and no token without one', () => {
  revoked.add('s-1');
  expect(revoked.isRevoked(tokenOf('s-1'))).toBe(true);
  expect(revoked.isRevoked(tokenOf('s-2'))).toBe(false);
  expect(revoked.isRevoked(tokenOf())).toBe(false);
});

it('remembers a session until its last access token has expired', () => {
  revoked.add('s-1');
  now += LIFETIME_MS - 1;
  expect(revoked.isRevoked(tokenOf('s-1'))).toBe(true);
  now += 1;
  expect(revoked.isRevoked(tokenOf('s-1'))).toBe(false);
  revoked.add('s-2');
  expect(revoked.size).toBe(1);
});

it('starts anew when a session is added again', () => {
  revoked.add('s-1');
  now += LIFETIME_MS - 1;
  revoked.add('s-1');
  now += LIFETIME_MS - 1;
  revoked.add('s-2');
  expect(revoked.isRevoked(tokenOf('s-1'))).toBe(true);
});

it('is bounded: the oldest gives way', () => {
  for (let n = 0; n <= 50_000; n++) revoked.add(`s-${n}`);
  expect(revoked.size).toBe(50_000);
  expect(revoked.isRevoked(tokenOf('s-0'))).toBe(false);
  expect(revoked.isRevoked(tokenOf('s-1'))).toBe(true);
  expect(revoked.isRevoked(tokenOf('s-50000'))).toBe(true);
});
