import type { WindowEnd } from '@holdfast/data-consistency';
import { parseArgs } from 'node:util';

/** What somebody asked for on the command line. */
export interface ReplayRequest {
  /** A projection, or a context for all of its projections. */
  target: string;
  sandbox: boolean;
  from?: WindowEnd;
  to?: WindowEnd;
}

export class Misuse extends Error {
  override readonly name = 'Misuse';
}

export const USAGE = `npm run replay -- <projection|context> [--sandbox [--from <instant|position>] [--to <instant|position>]]

  Rebuilds read models from the event log beside the live ones, and swaps them in when they have caught up.
  --sandbox   replays into the schema <context>_sandbox instead and touches nothing live; the checksum of its rows is
              compared with that of the live ones when the whole log was replayed
  --from/--to replays a window of the log only: 2026-11-20T09:30:00Z, or a position; both ends belong to it`;

/** @throws Misuse saying what is wrong */
export function readRequest(argv: readonly string[]): ReplayRequest {
  const { values, positionals } = parsed(argv);
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) throw new Misuse('Name one projection or one context.');
  const { sandbox = false, from, to } = values;
  if (!sandbox && (from ?? to) !== undefined) {
    throw new Misuse('What is read live must know the whole log: --from and --to need --sandbox.');
  }
  return {
    target,
    sandbox,
    ...(from !== undefined && { from: windowEnd('--from', from) }),
    ...(to !== undefined && { to: windowEnd('--to', to) }),
  };
}

function parsed(argv: readonly string[]) {
  const options = { sandbox: { type: 'boolean' }, from: { type: 'string' }, to: { type: 'string' } } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

function windowEnd(option: string, text: string): WindowEnd {
  if (/^\d{1,15}$/.test(text)) return { position: Number(text) };
  const instant = new Date(text);
  if (INSTANT.test(text) && !Number.isNaN(instant.getTime())) return { instant };
  throw new Misuse(`${option} is a position in the log or an instant such as 2026-11-20T09:30:00Z, not "${text}".`);
}
