/**
 * Escape sequences of JSON are consumed first, so that a match can never begin in the middle of one and leave a broken
 * line. A repetition is either bounded or, once begun, always a match: the work grows with the length of the text, not
 * with its square, whatever a stranger sends.
 */
const ESCAPE = String.raw`\\(?:u[\da-fA-F]{4}|.)`;
const USER_INFO = String.raw`(?<userInfo>:\/\/[^\s/:@"\\]{0,128}:[^\s/@"\\]{1,256}@)`;
const LOCAL_PART = String.raw`[^\s"'<>(),:;=[\]{}\\@%\/?&]{1,64}`;
const EMAIL = String.raw`(?<email>${LOCAL_PART}(?:@|%40)(?:[\p{L}\p{N}\-]{1,63}\.){1,8}\p{L}[\p{L}\p{N}\-]{1,62})`;
const TOKEN = String.raw`(?<token>eyJ[\w\-]{8,}(?:\.[\w\-]+){0,4}|tok_\w+)`;

/** What a match is replaced by; escape sequences (no group) stay as they are. */
const REPLACEMENTS = { secret: '[secret]', userInfo: '://[redacted]@', email: '[email]', token: '[token]' };

type Found = Partial<Record<keyof typeof REPLACEMENTS, string>>;

/**
 * Takes e-mail addresses, JWTs, `tok_…` payment tokens and passwords inside addresses out of a text, whatever field it
 * stands in. Works on plain text and on a line of JSON, which stays valid JSON.
 *
 * @example scrub('no user ada@example.org') // 'no user [email]'
 */
export const scrub = scrubber();

/**
 * A {@link scrub} that also takes out given secrets, from `LoadedConfig.secretValues()`.
 * @param secrets those shorter than 8 characters are ignored, they would match ordinary words
 */
export function scrubber(secrets: readonly string[] = []): (text: string) => string {
  const literals = secrets.filter(({ length }) => length >= 8).map((secret) => JSON.stringify(secret).slice(1, -1));
  const alternatives = literals.sort((a, b) => b.length - a.length).map(escapeForRegExp);
  const secret = alternatives.length > 0 ? [`(?<secret>${alternatives.join('|')})`] : [];
  const sensitive = new RegExp([...secret, ESCAPE, USER_INFO, EMAIL, TOKEN].join('|'), 'gsu');
  const mayBeSensitive = (text: string) =>
    text.includes('@') ||
    text.includes('eyJ') ||
    text.includes('tok_') ||
    text.includes('%40') ||
    literals.some((literal) => text.includes(literal));

  return (text) => (mayBeSensitive(text) ? text.replace(sensitive, replacement) : text);
}

function replacement(match: string, ...rest: unknown[]): string {
  const found = rest.at(-1);
  if (typeof found !== 'object') return match;
  for (const [kind, text] of Object.entries(REPLACEMENTS)) {
    if ((found as Found)[kind as keyof Found] !== undefined) return text;
  }
  return match;
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
