import { KeySeal, SealedUnderAnotherSecret } from './key-seal.js';

const seal = new KeySeal('a secret of more than thirty-two characters');
const plain = 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A';

it('opens what it has sealed, and never seals the same way twice', () => {
  const [once, twice] = [seal.seal(plain, 'kid-1'), seal.seal(plain, 'kid-1')];
  expect(once).not.toBe(twice);
  expect(once).not.toContain(plain);
  expect([once, twice].map((text) => seal.open(text, 'kid-1'))).toEqual([plain, plain]);
});

it('opens nothing that was sealed under another secret or for another key', () => {
  const sealed = seal.seal(plain, 'kid-1');
  const other = new KeySeal('another secret of more than thirty-two characters');
  expect(() => other.open(sealed, 'kid-1')).toThrow(SealedUnderAnotherSecret);
  expect(() => seal.open(sealed, 'kid-2')).toThrow(SealedUnderAnotherSecret);
});

it.each([1, 2, 3])('notices a change in part %d', (part) => {
  const parts = seal.seal(plain, 'kid-1').split('.');
  const bytes = Buffer.from(parts[part]!, 'base64url');
  bytes[0]! ^= 1;
  parts[part] = bytes.toString('base64url');
  expect(() => seal.open(parts.join('.'), 'kid-1')).toThrow(SealedUnderAnotherSecret);
});

it.each(['', 'v1', 'v1.a.b', 'v2.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA', 'v1.AAAAAAAAAAAAAAAA.AAAA.AAAA'])(
  'refuses "%s"',
  (text) => {
    expect(() => seal.open(text, 'kid-1')).toThrow(SealedUnderAnotherSecret);
  },
);
