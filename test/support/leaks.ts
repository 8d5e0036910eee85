import type { Shop } from './shop.js';

const PATTERNS: Record<string, RegExp> = {
  'an e-mail address': /[\w.+-]+@[\w-]+\.[a-z]{2,}/i,
  'a token': /eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,}/,
  'a card token': /\btok_\w+/,
  'a street': /Compiler Lane/,
};

/** Lines of the shop's log with something that belongs into no log. */
export function leaks(shop: Pick<Shop, 'logs' | 'confidential'>): { what: string; line: string }[] {
  const secrets = [...shop.confidential];
  return shop.logs().flatMap((line) => {
    const patterns = Object.keys(PATTERNS).filter((what) => PATTERNS[what]!.test(line));
    const found = secrets.some((secret) => line.includes(secret)) ? [...patterns, 'something of a user'] : patterns;
    return found.map((what) => ({ what, line: line.slice(0, 300) }));
  });
}
