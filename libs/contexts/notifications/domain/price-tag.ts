export interface Money {
  amount: number;
  currency: string;
}

/** Digits after the point by ISO 4217, where they are not 2; `Intl` has those of CLDR, which shows none for HUF or IQD. */
const DIGITS = new Map<string, number>([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((one) => [one, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((one) => [one, 3] as const),
  ...'CLF UYW'.split(' ').map((one) => [one, 4] as const),
]);

/** `EUR 4.50`, `JPY 450`: as many decimals as the currency has. */
export function priceTag({ amount, currency }: Money): string {
  const decimals = DIGITS.get(currency) ?? 2;
  const digits = String(amount).padStart(decimals + 1, '0');
  return decimals === 0
    ? `${currency} ${digits}`
    : `${currency} ${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}
