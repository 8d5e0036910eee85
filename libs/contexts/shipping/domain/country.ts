/** Where the shop is: who names no country means this one. */
export const HOME = 'DE';

/** ISO 3166 never gives this code away: a country that could not be read. */
export const UNKNOWN = 'ZZ';

const ALSO_CALLED = [
  ['USA', 'US'],
  ['Great Britain', 'GB'],
  ['England', 'GB'],
  ['Scotland', 'GB'],
  ['Wales', 'GB'],
] as const;

let names: ReadonlyMap<string, string> | undefined;

/** ISO 3166-1 alpha-2 of a country as customers write it: its code, or its name in English or German. */
export function countryCode(written: string): string {
  const text = folded(written);
  if (text === '') return HOME;
  if (/^[a-z]{2}$/.test(text)) return canonical(text);
  names ??= codesByName(); // not while the process starts: it takes a moment, and most customers send a code
  return names.get(text) ?? UNKNOWN;
}

function codesByName(): Map<string, string> {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const codes = letters.flatMap((first) => letters.map((second) => first + second));
  const named = ['en', 'de'].flatMap((language) => {
    const regions = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
    return codes.map((code) => [regions.of(code) ?? code, code] as const);
  });
  return new Map([...named, ...ALSO_CALLED].map(([name, code]) => [folded(name), canonical(code)]));
}

/** `GB` for `uk`: what CLDR knows as another spelling or as a former code is read as today's. */
const canonical = (code: string) => new Intl.Locale(`und-${code}`).region!;

const folded = (name: string) => name.trim().normalize('NFC').toLowerCase();
