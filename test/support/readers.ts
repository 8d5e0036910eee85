import type pg from 'pg';
import { readManifests } from '../../scripts/topology/read-manifests.mjs';

let asked: ReturnType<typeof readManifests> | undefined;

/** What the contexts say about themselves. */
export function manifests(): ReturnType<typeof readManifests> {
  asked ??= readManifests();
  return asked;
}

/** Whether anything carries messages here that can lose sight of them: what is in no outbox any more and in no inbox yet. */
export async function hasBroker(database: pg.Pool, contexts: readonly string[]): Promise<boolean> {
  const cursors = contexts.map((context) => `select via from ${context}.relay_cursor`).join(' union all ');
  const { rows } = await database.query<{ via: string }>(cursors);
  return rows.some(({ via }) => via === 'jetstream');
}

/**
 * Messages that were told and that a reader has not got, wherever they are: in the outbox, in a broker, or nowhere any more. A
 * parameterless select of (context, subject, detail).
 */
export async function undelivered(contexts: readonly string[]): Promise<string> {
  const all = (await manifests()).filter(({ name }) => contexts.includes(name));
  const parts = all.flatMap((reader) =>
    all.flatMap((emitter) => {
      const events = reader.reads.filter((type) => type.startsWith(`${emitter.name}.`));
      const commands = reader.handles.filter((type) => emitter.sends.includes(type));
      const timers = reader === emitter ? reader.timers : [];
      const types = [...new Set([...events, ...commands, ...timers])].map((type) => `'${type}'`);
      if (types.length === 0) return [];
      return `select '${reader.name}' as context, o.key as subject, o.type || ' from ${emitter.name}' as detail
              from ${emitter.name}.outbox o where o.type in (${types.join()})
              and not exists (select from ${reader.name}.inbox i where i.message_id = o.message_id)`;
    }),
  );
  return parts.join(' union all ');
}
