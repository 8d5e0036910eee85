import { globSync } from 'node:fs';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CrashOrder } from '@holdfast/data-consistency';
import { eventually } from '../eventually.js';
import type { Shop } from '../shop.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** Every crash point in the code: the literals that `crashPoint` is called with. */
export function pointsInTheCode(): string[] {
  const files = globSync('libs/**/*.ts', { cwd: root }).filter((file) => !/\.(spec|int-spec|fixture)\.ts$/.test(file));
  const points = files.flatMap((file) => {
    const code = readFileSync(path.join(root, file), 'utf8').replace(/^\s*\*.*$/gm, '');
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

  /** Labels of the points passed since the order to record. */
  get passed(): string[] {
    return existsSync(this.file('passed')) ? readFileSync(this.file('passed'), 'utf8').trim().split('\n') : [];
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
