import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CrashOrder } from '@holdfast/data-consistency';
import { eventually } from '../eventually.js';
import type { Shop } from '../shop.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** Every crash point in the code: the literals that `crashPoint` is called with. */
export function pointsInTheCode(): string[] {
  const sources = readdirSync(path.join(root, 'libs'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/\.(spec|int-spec|fixture)\.ts$/.test(file),
  );
  const points = sources.flatMap((file) => {
    const code = readFileSync(path.join(root, 'libs', file), 'utf8').replace(/^\s*\*.*$/gm, '');
    return [...code.matchAll(/\bcrashPoint\(\s*'([^']+)'/g)].map(([, point]) => point!);
  });
  return [...new Set(points)].sort();
}

/** Tells the process of a shop where to crash, and hears whether it did. */
export class CrashRoom {
  constructor(
    private readonly shop: () => Shop,
    readonly folder: string,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  get crashed(): boolean {
    return existsSync(this.file('crashed'));
  }

  /** How often each point was passed since the order to record, by label. */
  get passed(): Map<string, number> {
    const labels = existsSync(this.file('passed')) ? readFileSync(this.file('passed'), 'utf8').trim().split('\n') : [];
    return new Map([...Map.groupBy(labels, (label) => label)].map(([label, all]) => [label, all.length]));
  }

  /** From now on the process shall live. Says whether it crashed before. */
  async calm(): Promise<boolean> {
    if (this.crashed) return true;
    rmSync(this.file('armed'), { force: true });
    writeFileSync(this.file('order.json'), JSON.stringify({ record: true } satisfies CrashOrder));
    try {
      process.kill(this.shop().pid, 'SIGUSR2');
    } catch {
      return true; // at the last moment
    }
    await eventually(() => existsSync(this.file('armed')) || this.crashed, { what: 'the process is calm', everyMs: 5 });
    return this.crashed;
  }

  async order(order: CrashOrder): Promise<void> {
    for (const name of ['armed', 'crashed']) rmSync(this.file(name), { force: true });
    writeFileSync(this.file('order.json'), JSON.stringify(order));
    process.kill(this.shop().pid, 'SIGUSR2');
    await eventually(() => existsSync(this.file('armed')), { what: 'the process knows where to crash', everyMs: 5 });
  }

  private file(name: string): string {
    return path.join(this.folder, name);
  }
}
