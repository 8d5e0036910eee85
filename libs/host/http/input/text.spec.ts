import { Code as Sku } from '@holdfast/messaging';
import { EMAIL, PLAIN_TEXT, SKU, UUID, codePoints, isWellFormed } from './text.js';

describe('text', () => {
  it('lets in the SKUs that message contracts let through', () => {
    expect(SKU.source).toBe((Sku as { pattern?: string }).pattern);
  });

  it.each(['ada@example.com', "o'hara+tag@mail.example.co.uk", 'ü@bücher.example'])(
    'takes the address %s',
    (address) => {
      expect(EMAIL.test(address)).toBe(true);
    },
  );
  it.each([
    '',
    '@',
    'a@b',
    'a@b.',
    'a@.b',
    'a@@b.c',
    'a b@c.d',
    'a@b..c',
    'a@b.c\n',
    '"a"@b.c',
    'a@[127.0.0.1]',
    'a\u0000@b.c',
  ])('refuses the address %j', (address) => {
    expect(EMAIL.test(address)).toBe(false);
  });
  it.each(['x', 'Zoë', '\u{1F375} tea', 'a  b'])('takes the line %j', (line) => {
    expect(PLAIN_TEXT.test(line)).toBe(true);
  });
  it.each(['', ' ', ' x', 'x ', 'a\tb', 'a\r\nb', 'a\u001b[31m', 'a\u0085b', '\u00a0x'])(
    'refuses the line %j',
    (line) => {
      expect(PLAIN_TEXT.test(line)).toBe(false);
    },
  );
  it('counts code points and knows what cannot be stored', () => {
    expect(codePoints('\u{1F375}e\u0301', 10)).toBe(3);
    expect([isWellFormed('x\u0000'), isWellFormed('\ud800'), isWellFormed('\u{1F375}')]).toEqual([false, false, true]);
  });
  it.each([EMAIL, PLAIN_TEXT, SKU, UUID])('judges 50,000 hostile characters in no time: %s', (pattern) => {
    const began = process.cpuUsage(); // work, not time: the machine may be busy
    for (const unit of ['a', 'a ', 'A-', '@', 'a.', '\t', '0-'])
      pattern.test(`${unit.repeat(50_000 / unit.length)}\n!`);
    for (const unit of ['a.', 'a-']) pattern.test(`a@${unit.repeat(25_000)}@`);
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(500);
  });
});
