// ISO 4217 minor units that are not 2.
const otherDigits: Record<string, number> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((c) => [c, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((c) => [c, 3])),
  ...Object.fromEntries('CLF UYW'.split(' ').map((c) => [c, 4])),
};

const digitsOf = (currency: string) => otherDigits[currency] ?? 2;

/** "12.34" EUR → 1234; undefined when it is not a positive amount with exactly the digits of the currency. */
export function toMinorUnits(amount: string, currency: string): number | undefined {
  const digits = digitsOf(currency);
  const shape = digits === 0 ? /^(0|[1-9]\d*)$/ : new RegExp(`^(0|[1-9]\\d*)\\.\\d{${digits}}$`);
  if (amount.length > 18 || !shape.test(amount)) return undefined;
  const minor = Number(amount.replace('.', ''));
  return minor >= 1 && minor <= 1e15 ? minor : undefined;
}

export function toDecimal(minor: number, currency: string): string {
  const digits = digitsOf(currency);
  const text = String(minor).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
