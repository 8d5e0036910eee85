import type { Outgoing } from '@holdfast/messaging';

/** What can happen to an instance. */
export type Happening =
  | 'started'
  | 'asked'
  | 'asked again'
  | 'done'
  | 'failed'
  | 'timed out'
  | 'interrupted'
  | 'turned back'
  | 'undo asked'
  | 'undo asked again'
  | 'undone'
  | 'stuck'
  | 'resumed'
  | 'completed'
  | 'compensated';

/** One line of a timeline as a move writes it. */
export interface TimelineEntry {
  readonly what: Happening;
  /** The step it is about; absent where it is about the whole. */
  readonly step?: string;
  /** Why it turned back. */
  readonly detail?: string;
  /** The command that asks; every other entry is about the message that moved the instance. */
  readonly asks?: Outgoing;
}

/** One line of a timeline as it is read back. */
export interface TimelineLine {
  what: Happening;
  step: string | null;
  detail: string | null;
  /** The message that asked, or the one that moved the instance; null when an operator did. */
  messageId: string | null;
  at: Date;
}

const ASKS: ReadonlySet<Happening> = new Set(['asked', 'undo asked']);
const ANSWERS: ReadonlySet<Happening> = new Set(['done', 'failed', 'timed out', 'undone']);

/**
 * Adds to every answer how long it took, milliseconds: since its step was first asked for (or first asked to be undone),
 * and for what ends an instance since it started. Pure.
 */
export function withDurations(lines: readonly TimelineLine[]): (TimelineLine & { tookMs: number | null })[] {
  const askedAt = new Map<string | null, Date>();
  return lines.map((line) => {
    if (ASKS.has(line.what)) askedAt.set(line.step, line.at);
    const since =
      line.what === 'completed' || line.what === 'compensated'
        ? lines[0]!.at
        : ANSWERS.has(line.what)
          ? askedAt.get(line.step)
          : undefined;
    return { ...line, tookMs: since ? line.at.getTime() - since.getTime() : null };
  });
}
