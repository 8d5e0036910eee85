/** An SSCC: 17 digits and the GS1 check digit over them (GS1 General Specifications, section 7.9). */
export function withCheckDigit(digits: string): string {
  const sum = [...digits]
    .toReversed()
    .reduce((sum, digit, place) => sum + Number(digit) * (place % 2 === 0 ? 3 : 1), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

export function isConsignmentNumber(text: string): boolean {
  return /^\d{18}$/.test(text) && withCheckDigit(text.slice(0, -1)) === text;
}
