import type { Message } from '../message.js';

/** Stream names begin with this. */
export const STREAM_PREFIX = 'HOLDFAST_';

/** The stream that is the ordered copy of a context's outbox. */
export function streamOf(context: string): string {
  return `${STREAM_PREFIX}${context}`;
}

export function contextOfStream(stream: string): string {
  return stream.slice(STREAM_PREFIX.length);
}

/** Everything a context says happened. */
export function eventsOf(context: string): string {
  return `evt.${context}.>`;
}

/** Everything a context asks of an owner. */
export function commandsTo(owner: string, emitter = '*'): string {
  return `cmd.${emitter}.${owner}.>`;
}

/** Characters that mean something to NATS, or that it refuses. */
const UNSPEAKABLE = /[\s*>\p{Cc}]/gu;

/**
 * `evt.<context>.<name>.v<n>`, `cmd.<emitting context>.<owner>.<name>.v<n>` (ADR 7: streams of different emitters must not
 * overlap, so a command's subject says who sent it).
 */
export function subjectOf({ source, type }: Pick<Message, 'source' | 'type'>, isCommand: boolean): string {
  const name = type.replaceAll(UNSPEAKABLE, '_');
  return isCommand ? `cmd.${source}.${name}` : `evt.${name}`;
}

/** `qry.<context>.<name>.v<n>` */
export function querySubject(type: string): string {
  return `qry.${type}`;
}
