import {
  EventStore,
  Projector,
  type Database,
  type GenerationState,
  type Projection,
} from '@holdfast/data-consistency';
import { setTimeout as pause } from 'node:timers/promises';
import type { Progress } from './progress.js';

export interface Folding {
  database: Database;
  projection: Projection;
  progress: Progress;
}

/** What was folded, and what the rows amount to. */
export interface Folded {
  events: number;
  rows: number;
  checksum: string;
}

const BATCH = 5_000;

/**
 * Rebuilds what is read live, beside it. A shop that runs meanwhile may fold too: each batch is written by one of the two.
 * A rebuild that was cut off is gone on with.
 */
export async function rebuild({ database, projection, progress }: Folding): Promise<Folded> {
  return folding({ database, projection, progress }, async (projector) => {
    await projector.rebuild();
    const newest = (await projector.state()).at(-1);
    return newest ? ({ generation, live }) => live && generation === newest.generation : complete;
  });
}

/** Folds everything there is, from nothing. */
export async function foldAll(what: Folding): Promise<Folded> {
  return folding(
    what,
    async () =>
      ({ live, behind }) =>
        live && behind === 0,
  );
}

type Reached = (state: GenerationState) => boolean;

const complete: Reached = ({ live, behind }) => live && behind === 0;

async function folding(
  { database, projection, progress }: Folding,
  begin: (projector: Projector) => Promise<Reached>,
): Promise<Folded> {
  let fault: unknown;
  const projector = new Projector({
    database,
    events: new EventStore(database),
    projection,
    failed: (error) => (fault ??= error),
    moved: () => undefined,
    batchSize: BATCH,
  });
  const reached = await begin(projector);
  projector.lead();
  try {
    for (;;) {
      if (fault !== undefined) throw fault;
      const looked = performance.now();
      const newest = (await projector.state()).at(-1);
      if (newest && reached(newest)) return { events: newest.events, ...(await sumsOf(projector)) };
      if (newest) progress.tell(newest.events, newest.total);
      await pause(Math.max(100, 5 * (performance.now() - looked))); // counting must not cost more than folding
    }
  } finally {
    await projector.stepDown();
  }
}

async function sumsOf(projector: Projector): Promise<Omit<Folded, 'events'>> {
  const sums = await projector.checksum();
  return { rows: sums?.rows ?? 0, checksum: sums?.checksum ?? '' };
}
