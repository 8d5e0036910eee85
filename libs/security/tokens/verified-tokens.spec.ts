import type { VerifiedToken } from './token-kind.js';
import { VerifiedTokens } from './verified-tokens.js';

const token = (tokenId: string, expiresAt = 100): VerifiedToken => ({
  principal: { id: 'ada', roles: [] },
  audience: 'edge',
  tokenId,
  issuedAt: 0,
  expiresAt,
});

describe('remembered tokens', () => {
  it('are found until the second they expire', () => {
    const tokens = new VerifiedTokens(10);
    tokens.put('a', token('a'));
    expect(tokens.get('a', 99.9)?.tokenId).toBe('a');
    expect(tokens.get('a', 100)).toBeUndefined();
    expect(tokens.size).toBe(0);
  });

  it('never exceed the capacity; one that was not asked for goes before one that was', () => {
    const tokens = new VerifiedTokens(2);
    tokens.put('a', token('a'));
    tokens.put('b', token('b'));
    tokens.get('a', 0);
    tokens.put('c', token('c'));
    expect(tokens.size).toBe(2);
    expect(tokens.get('b', 0)).toBeUndefined();
    expect(tokens.get('a', 0)?.tokenId).toBe('a');
  });

  it('make room also when every one of them is in use', () => {
    const tokens = new VerifiedTokens(2);
    for (const text of ['a', 'b', 'c', 'd']) {
      tokens.put(text, token(text));
      for (const used of ['a', 'b', 'c', 'd']) tokens.get(used, 0);
    }
    expect(tokens.size).toBe(2);
    expect(tokens.get('d', 0)?.tokenId).toBe('d');
  });

  it('are not kept at all with capacity 0', () => {
    const tokens = new VerifiedTokens(0);
    tokens.put('a', token('a'));
    expect(tokens.size).toBe(0);
  });
});
