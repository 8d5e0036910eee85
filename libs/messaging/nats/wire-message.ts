import type { MsgHdrs } from '@nats-io/transport-node';
import type { Letter, Place } from '../conveyor.js';
import { MAX_KEY_LENGTH, isStorable, type Message } from '../message.js';

const PLACE = 'Holdfast-Place';

/** Where a message is to stand in which stream. */
export interface Position {
  stream: string;
  /** The sequence it must follow. */
  lastSequence: number;
  /** The message it must follow, if it was published just before. */
  lastId?: string;
}

/** A message as JetStream takes it: the envelope as it is; its id, its place in the outbox and what it must follow as headers. */
export function toWire(
  { id, place, json }: Letter,
  { stream, lastSequence, lastId }: Position,
): { payload: Uint8Array; headers: MsgHdrs } {
  const placed = place ? `${PLACE}: ${place.xid}/${place.position}\r\n` : '';
  const follows = lastId === undefined ? '' : `Nats-Expected-Last-Msg-Id: ${lastId}\r\n`;
  const where = `Nats-Expected-Stream: ${stream}\r\nNats-Expected-Last-Sequence: ${lastSequence}\r\n${follows}`;
  const head = `NATS/1.0\r\n${placed}Nats-Msg-Id: ${id}\r\n${where}\r\n`;
  const bytes = Buffer.from(head + json);
  return { payload: bytes.subarray(head.length), headers: written(bytes.subarray(0, head.length)) };
}

/**
 * Headers that are written already. Of headers on their way out nats.js asks nothing but their bytes, and building them
 * with its own takes 3 µs a message against 0.4: a fifth of what publishing costs.
 */
function written(bytes: Uint8Array): MsgHdrs {
  return { encode: () => bytes } as unknown as MsgHdrs;
}

/** The place a message was given, unless it was carried by hand. */
export function placeIn(of: { get(name: string): string } | undefined): Place | undefined {
  const match = /^(\d+)\/(\d+)$/.exec(of?.get(PLACE) ?? '');
  return match ? { xid: match[1]!, position: Number(match[2]) } : undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INSTANT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z$/;

/** Whether PostgreSQL reads it: the 31st of February is a day in March to JavaScript, and an error there. */
function isInstant(text: unknown): boolean {
  const toTheSecond = typeof text === 'string' ? INSTANT.exec(text)?.[1] : undefined;
  const ms = Date.parse(`${toTheSecond}Z`);
  return ms >= 0 && new Date(ms).toISOString().startsWith(toTheSecond!);
}

/**
 * Reads what a stream gave.
 *
 * @returns the message, or what is wrong with it: such a thing was not put there by a relay and can be taken by no inbox
 */
export function fromWire(text: string, source: string): Message | string {
  let read: Partial<Message> | null;
  try {
    read = JSON.parse(text) as Partial<Message> | null;
  } catch {
    return 'it is not JSON';
  }
  if (typeof read !== 'object' || read === null) return 'it is not an envelope';
  const { id, type, subject, dueat } = read;
  if (typeof id !== 'string' || !UUID.test(id)) return 'its id is not a UUID';
  if (typeof type !== 'string' || typeof subject !== 'string') return 'it has no type or no key';
  if (subject.length > MAX_KEY_LENGTH) return 'its key is too long';
  if (read.source !== source) return `it does not come from ${source}, whose stream this is`;
  if (dueat !== undefined && !isInstant(dueat)) return 'its due time is not a moment';
  return isStorable(text) ? (read as Message) : 'it contains NUL or half a character';
}
