import { appendFileSync } from 'node:fs';

/** Whether the long faults run too: `npm run test:faults`. */
export const inFull = process.env.FAULTS === 'full';

interface Line {
  injected: string;
  held: string;
}

/**
 * Collects what was injected and what held, and prints it as a table when the file is done. `npm run test:faults` collects
 * the lines of all files, in the file that FAULT_REPORT names.
 */
export function faultReport(title: string): (injected: string, held: string) => void {
  const lines: Line[] = [];
  afterAll(() => {
    const collected = process.env.FAULT_REPORT;
    if (collected) appendFileSync(collected, lines.map((line) => `${JSON.stringify({ title, ...line })}\n`).join(''));
    const width = Math.max(8, ...lines.map(({ injected }) => injected.length));
    const row = ({ injected, held }: Line) => `  ${injected.padEnd(width)}  ${held}`;
    const table = [{ injected: 'injected', held: 'held' }, ...lines].map(row).join('\n');
    process.stdout.write(`\n${title}\n${table}\n\n`);
  });
  return (injected, held) => void lines.push({ injected, held });
}

/** The test in full runs only. */
export const itInFull = inFull ? it : it.skip;
