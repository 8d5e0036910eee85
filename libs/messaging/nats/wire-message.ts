import type { MsgHdrs } from '@nats-io/transport-node';
import type { Place } from '../conveyor.js';
import { isStorable, type Message } from '../message.js';

const PLACE = 'Holdfast-Place';

/** Where a message is to stand in which stream. */
export interface Position {
  stream: string;
  /** The sequence it must follow. */
  lastSequence: number;
}

/** A message as JetStream takes it: the envelope as JSON; its id, its place in the outbox and what it must follow as headers. */
export function toWire(
  message: Message,
  place: Place | undefined,
  { stream, lastSequence }: Position,
): { payload: string; headers: MsgHdrs } {
  const lines = `Nats-Msg-Id: ${message.id}\r\nNats-Expected-Stream: ${stream}\r\nNats-Expected-Last-Sequence: ${lastSequence}`;
  const placed = place ? `${PLACE}: ${place.xid}/${place.position}\r\n` : '';
  return { payload: JSON.stringify(message), headers: written(`${placed}${lines}`) };
}

/**
 * Headers that are written already. Of headers on their way out nats.js asks nothing but their bytes, and building them
 * with its own takes 3 µs a message against 0.4: a fifth of what publishing costs.
 */
function written(lines: string): MsgHdrs {
  return { encode: () => Buffer.from(`NATS/1.0\r\n${lines}\r\n\r\n`) } as unknown as MsgHdrs;
}

/** The place a message was given, unless it was carried by hand. */
export function placeIn(of: { get(name: string): string } | undefined): Place | undefined {
  const match = /^(\d+)\/(\d+)$/.exec(of?.get(PLACE) ?? '');
  return match ? { xid: match[1]!, position: Number(match[2]) } : undefined;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

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
  if (read.source !== source) return `it does not come from ${source}, whose stream this is`;
  if (dueat !== undefined && !(INSTANT.test(dueat) && Date.parse(dueat) > 0)) return 'its due time is not a moment';
  return isStorable(text) ? (read as Message) : 'it contains NUL or half a character';
}
