import type { Shop } from './shop.js';

const PATTERNS: Record<string, RegExp> = {
  'an e-mail address': /[\w.+-]+@[\w-]+\.[a-z]{2,}/i,
  'a token': /eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]{5,}/,
  'a card token': /\btok_\w+/,
  'a street': /Compiler Lane/,
};

interface Leak {
  what: string;
  line: string;
}

/** How far a log was looked through, and for which secrets. */
interface Look {
  lines: number;
  secrets: number;
  readonly found: Leak[];
}

const looks = new WeakMap<object, Look>();

/** Lines of the shop's log with something that belongs into no log. No line is searched for the same thing twice. */
export function leaks(shop: Pick<Shop, 'logs' | 'confidential'>): Leak[] {
  const look = looks.get(shop) ?? { lines: 0, secrets: 0, found: [] };
  looks.set(shop, look);
  const [lines, secrets] = [shop.logs(), [...shop.confidential]];
  const [before, since] = [lines.slice(0, look.lines), lines.slice(look.lines)];
  const ofUsers = [...linesWith(secrets.slice(look.secrets), before), ...linesWith(secrets, since)];
  const ofAnybody = since.flatMap((line) => {
    return Object.keys(PATTERNS).flatMap((what) => (PATTERNS[what]!.test(line) ? [{ what, line }] : []));
  });
  const found = [...ofAnybody, ...ofUsers.map((line) => ({ what: 'something of a user', line }))];
  look.found.push(...found.map(({ what, line }) => ({ what, line: line.slice(0, 300) })));
  look.lines = Math.max(0, lines.length - 1); // the last one may not be whole yet
  look.secrets = secrets.length;
  return look.found;
}

/** In one text first: that none is there at all is the rule. */
function linesWith(secrets: readonly string[], lines: readonly string[]): string[] {
  const text = secrets.length > 0 ? lines.join('\n') : '';
  const there = secrets.filter((secret) => text.includes(secret));
  return there.length > 0 ? lines.filter((line) => there.some((secret) => line.includes(secret))) : [];
}
