import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, rmdirSync, statfsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** No timeout of jest reaches a command that is waited for. */
const OPTIONS: ExecFileSyncOptions = { stdio: 'pipe', timeout: 30_000 };

/** A disk of a known size, in memory. */
export class SmallDisk {
  private readonly filler: string;

  private constructor(readonly path: string) {
    this.filler = `${path}/filler`;
  }

  /** @returns undefined, with a notice, where this process may not mount */
  static mount(megabytes: number): SmallDisk | undefined {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-small-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder], OPTIONS);
      return new SmallDisk(folder);
    } catch (error) {
      rmdirSync(folder);
      process.stderr.write(`  skipped: a small disk needs root to be mounted (${(error as Error).message.trim()})\n`);
      return undefined;
    }
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Takes all space there is; somebody else may be faster, which does not go on for ever. */
  fill(): void {
    for (let refused = 0, free = this.freeBytes; free > 0 && refused < 1_000; free = this.freeBytes) {
      try {
        appendFileSync(this.filler, Buffer.alloc(Math.min(free, 16 * 1024 * 1024)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        refused += 1;
      }
    }
  }

  free(): void {
    rmSync(this.filler, { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.path], OPTIONS);
    rmdirSync(this.path);
  }
}
