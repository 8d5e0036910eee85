import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../scripts/launch/app.mjs';

/** A process of a topology, as topology/*.yaml have them. */
export interface ProcessLine {
  name: string;
  contexts?: readonly string[];
  /** Default: what runs these contexts. */
  app?: string;
  /** Default one. */
  replicas?: number;
}

/** All there are, in the order of their names. */
export const CONTEXTS: readonly string[] = readdirSync(path.join(root, 'libs/contexts')).sort();

/** A topology of a test's own, a gateway before it. The file is read whenever its shop starts, and is gone at the end. */
export class TopologyFile implements Disposable {
  readonly path: string;
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-topology-'));

  constructor(name: string, behindTheGateway: readonly ProcessLine[]) {
    const processes = [{ name: 'gateway', app: 'gateway' }, ...behindTheGateway];
    this.path = path.join(this.folder, `${name}.yaml`);
    writeFileSync(this.path, JSON.stringify({ name, processes }, null, 1)); // which is YAML, too
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
