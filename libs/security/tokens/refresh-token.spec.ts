import { createHash } from 'node:crypto';
import { decideRefresh, newRefreshToken, refreshTokenId } from './refresh-token.js';
import type { RefreshFamily, StoredRefreshToken } from './refresh-token.js';

const now = new Date('2026-11-20T10:00:00Z');
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const family: RefreshFamily = { id: 'family-1' };
const issued = newRefreshToken(family.id, now);
const successor = () => newRefreshToken(family.id, now);
const question = { presented: issued.text, token: issued.stored, family, now, successor };

describe('a refresh token', () => {
  it('is opaque, has a 256-bit secret, and is stored as its SHA-256 only', () => {
    const [, secret] = issued.text.split('.');
    expect(issued.text).toBe(`rt_${issued.stored.id}.${secret}`);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(issued.stored.secretHash).toBe(createHash('sha256').update(secret).digest('base64url'));
    expect(JSON.stringify(issued.stored)).not.toContain(secret);
  });

  it('is new every time', () => {
    expect(new Set(Array.from({ length: 100 }, () => successor().text)).size).toBe(100);
  });

  it('gives its id away for the look-up', () => {
    expect(refreshTokenId(issued.text)).toBe(issued.stored.id);
  });

  it.each([
    '',
    'rt_',
    'rt_a.b',
    issued.text.slice(3),
    `${issued.text}.x`,
    `${issued.text} `,
    `\n${issued.text}`,
    `${issued.text}\n`,
    `rt_${'../'.repeat(5)}.${'A'.repeat(43)}`,
    `rt_${'a'.repeat(65)}.${'A'.repeat(43)}`,
    `rt_a'or'1.${'A'.repeat(43)}`,
    issued.text.toUpperCase(),
    'x'.repeat(64_000),
  ])('is not read from %j', (text) => {
    expect(refreshTokenId(text)).toBeUndefined();
    expect(decideRefresh({ ...question, presented: text })).toEqual({ kind: 'refuse', reason: 'unknown' });
  });
});

describe('deciding a refresh', () => {
  it('rotates a token used for the first time', () => {
    expect(decideRefresh(question)).toMatchObject({
      kind: 'rotate',
      usedId: issued.stored.id,
      successor: { stored: { familyId: family.id } },
    });
  });

  it('accepts it until 14 days have passed', () => {
    const days = 14 * 24 * 3600;
    expect(decideRefresh({ ...question, now: later(days - 1) }).kind).toBe('rotate');
    expect(decideRefresh({ ...question, now: later(days) })).toEqual({ kind: 'refuse', reason: 'expired' });
  });

  it('revokes the family when a used token comes back, even after it expired', () => {
    const token = { ...issued.stored, usedAt: now };
    const reuse = { kind: 'reuse', revokeFamilyId: family.id };
    expect(decideRefresh({ ...question, token })).toEqual(reuse);
    expect(decideRefresh({ ...question, token, now: later(20 * 24 * 3600) })).toEqual(reuse);
  });

  it('refuses every token of a revoked family', () => {
    const revoked = { ...family, revokedAt: now };
    expect(decideRefresh({ ...question, family: revoked })).toEqual({ kind: 'refuse', reason: 'revoked' });
  });

  it('does not revoke anything for a guessed secret with a known id', () => {
    const guess = `rt_${issued.stored.id}.${successor().text.split('.')[1]}`;
    const used = { ...issued.stored, usedAt: now };
    const unknown = { kind: 'refuse', reason: 'unknown' };
    expect(decideRefresh({ ...question, presented: guess })).toEqual(unknown);
    expect(decideRefresh({ ...question, presented: guess, token: used })).toEqual(unknown);
  });

  it('refuses what does not belong together', () => {
    const unknown = { kind: 'refuse', reason: 'unknown' };
    expect(decideRefresh({ ...question, token: undefined })).toEqual(unknown);
    expect(decideRefresh({ ...question, family: undefined })).toEqual(unknown);
    expect(decideRefresh({ ...question, family: { id: 'family-2' } })).toEqual(unknown);
    expect(decideRefresh({ ...question, token: successor().stored })).toEqual(unknown);
  });

  it('lets one of twenty concurrent refreshes win; the others revoke the family', () => {
    const rows = new Map<string, StoredRefreshToken>([[issued.stored.id, issued.stored]]);
    let families: RefreshFamily = family;
    const ask = (token: StoredRefreshToken | undefined, presented = issued.text) =>
      decideRefresh({ presented, token, family: families, now, successor });

    // Everybody reads the row before anybody writes it, then writes only where it is still unused.
    const asked = Array.from({ length: 20 }, () => ask(rows.get(issued.stored.id)));
    const outcomes = asked.map((decision) => {
      if (decision.kind !== 'rotate') return decision;
      const row = rows.get(decision.usedId)!;
      if (!row.usedAt) {
        rows.set(row.id, { ...row, usedAt: now });
        rows.set(decision.successor.stored.id, decision.successor.stored);
        return decision;
      }
      const again = ask(row);
      if (again.kind === 'reuse') families = { ...families, revokedAt: now };
      return again;
    });

    const winners = outcomes.filter((outcome) => outcome.kind === 'rotate');
    expect(winners).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'reuse')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.kind === 'refuse')).toHaveLength(18);
    const { text, stored } = winners[0].successor;
    expect(ask(stored, text)).toEqual({ kind: 'refuse', reason: 'revoked' });
  });
});
