/** Fields parted by pipes, so a pipe in somebody's name must not part anything. */
export function lineOf(...fields: readonly string[]): string {
  return fields.map(encodeURIComponent).join('|');
}

export function fieldsOf(line: string): string[] {
  return line.split('|').map(decodeURIComponent);
}
