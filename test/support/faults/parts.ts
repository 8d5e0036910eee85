import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../../../scripts/launch/app.mjs';
import { inFull } from './report.js';

/** A context that a test breaks the process of. */
export interface Part {
  context: string;
  /** Default one process. */
  replicas?: number;
}

/**
 * A topology in which each of these contexts has a process of its own. In full all others have, too; in `npm test` they share
 * one: the faults are the same, and half of the processes need not be started.
 */
export class PartsFile implements Disposable {
  readonly path: string;
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-topology-'));

  constructor(parts: readonly Part[]) {
    const broken = new Set(parts.map(({ context }) => context));
    const others = readdirSync(path.join(root, 'libs/contexts')).filter((context) => !broken.has(context));
    const lines = [
      'name: gateway, app: gateway',
      ...parts.map(({ context, replicas = 1 }) => `name: ${context}, contexts: [${context}], replicas: ${replicas}`),
      ...(inFull ? others.map((one) => `name: ${one}, contexts: [${one}]`) : [`name: others, contexts: [${others}]`]),
    ];
    this.path = path.join(this.folder, 'parts.yaml');
    writeFileSync(this.path, `name: parts\nprocesses:\n${lines.map((line) => `  - { ${line} }\n`).join('')}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
