import { hash } from '@node-rs/argon2';
import { availableParallelism } from 'node:os';
import { PasswordsBusyError } from './hashing-slots.js';
import { Passwords, PasswordTooLongError } from './passwords.js';

const passwords = new Passwords();
const cheap = new Passwords({ memoryCost: 64, timeCost: 1 });

describe('passwords', () => {
  it('are stored as argon2id with the decided costs and a fresh 16-byte salt', async () => {
    const [one, other] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(other);
  });

  it('verify only what was hashed', async () => {
    const stored = await cheap.hash('correct horse');
    expect(await cheap.verify(stored, 'correct horse')).toBe(true);
    for (const wrong of ['', 'correct horse ', 'Correct horse', 'correct hors', 'correct horse\u0000']) {
      expect(await cheap.verify(stored, wrong)).toBe(false);
    }
  });

  it('are the same however a keyboard composes them', async () => {
    expect(await cheap.verify(await cheap.hash('caf\u00e9'), 'cafe\u0301')).toBe(true);
  });

  it('have a sum that only the same password with the same salt has', async () => {
    const salt = new Uint8Array(16).fill(7);
    const sum = await cheap.sum('caf\u00e9', salt);
    expect(sum).toMatch(/^[\w-]{43}$/);
    expect(await cheap.sum('cafe\u0301', salt)).toBe(sum);
    expect(await cheap.sum('cafe', salt)).not.toBe(sum);
    expect(await cheap.sum('caf\u00e9', new Uint8Array(16).fill(8))).not.toBe(sum);
    await expect(cheap.sum('a'.repeat(1025), salt)).rejects.toThrow(PasswordTooLongError);
  });

  it('have at most 1 kB of UTF-8', async () => {
    const longest = 'a'.repeat(1024);
    const stored = await cheap.hash(longest);
    expect(await cheap.verify(stored, longest)).toBe(true);
    for (const tooLong of [`${longest}a`, '\u00e9'.repeat(513), '\ufdfa'.repeat(1024), 'a'.repeat(1_000_000)]) {
      await expect(cheap.hash(tooLong)).rejects.toThrow(PasswordTooLongError);
      expect(await cheap.verify(stored, tooLong)).toBe(false);
      expect(await cheap.verifyUnknown(tooLong)).toBe(false);
    }
  });

  it.each(['', 'plain text', '$2b$10$abcdefghijklmnopqrstuv', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$'])(
    'never match the unreadable hash %j',
    async (stored) => {
      expect(await cheap.verify(stored, '')).toBe(false);
      expect(await cheap.verify(stored, stored)).toBe(false);
      expect(cheap.needsRehash(stored)).toBe(true);
    },
  );

  it('ask to be hashed again when the algorithm or a cost has changed', async () => {
    expect(passwords.needsRehash(await passwords.hash('x'))).toBe(false);
    expect(passwords.needsRehash(await cheap.hash('x'))).toBe(true);
    expect(cheap.needsRehash(await hash('x', { algorithm: 1, memoryCost: 64, timeCost: 1, parallelism: 1 }))).toBe(
      true,
    );
    expect(cheap.needsRehash(await hash('x', { memoryCost: 64, timeCost: 1, parallelism: 2 }))).toBe(true);
    expect(cheap.needsRehash(await hash('x', { memoryCost: 64, timeCost: 2, parallelism: 1 }))).toBe(true);
  });

  it('of unknown users are never right', async () => {
    expect(await passwords.verifyUnknown('anything')).toBe(false);
  });

  it('of unknown users take a slot like any other, so they cost and are limited the same', async () => {
    const narrow = new Passwords({ inFlight: 1, queued: 1 });
    const asked = await Promise.allSettled(Array.from({ length: 5 }, () => narrow.verifyUnknown('x')));
    const refused = asked.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(3);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(PasswordsBusyError);
  });

  it('allow at most 2 hashes in flight per core', () => {
    expect(() => new Passwords({ inFlight: 2 * availableParallelism() + 1 })).toThrow(RangeError);
    expect(() => new Passwords({ inFlight: 0 })).toThrow(RangeError);
    expect(() => new Passwords({ inFlight: 2 * availableParallelism() })).not.toThrow();
  });
});
