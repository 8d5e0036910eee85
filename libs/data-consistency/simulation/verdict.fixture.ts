import { laneOf } from '../inbox/inbox.js';
import type { MessageHandler } from '../inbox/handler.js';
import type { ModelPostgres } from './model-postgres.fixture.js';
import type { InboxEntry } from './model-tables.fixture.js';
import { inboxKey } from './model-tables.fixture.js';
import type { Provider } from './provider.fixture.js';
import { CONTEXTS, ROOMS, type ContextName } from './travel.fixture.js';

export interface Evidence {
  postgres: ModelPostgres;
  provider: Provider;
  handlers: Record<ContextName, MessageHandler[]>;
  /** One per client that was told yes. */
  requests: number;
}

/** What still moves; empty when everything has come to rest. */
export function movements({ postgres }: Pick<Evidence, 'postgres'>): string[] {
  const moving: string[] = [];
  for (const context of CONTEXTS) {
    const tables = postgres.tables(context);
    for (const { envelope } of tables.beyond(tables.cursor)) moving.push(`${context}: ${envelope.type} is not carried`);
    for (const entry of tables.inbox.values()) {
      if (entry.done === null) moving.push(`${context}: ${entry.type} for ${entry.handler} ${stateOf(entry)}`);
    }
    for (const saga of tables.sagas.values()) {
      if (saga.status === 'running' || saga.status === 'compensating') moving.push(`saga is ${saga.status}`);
    }
  }
  return moving;
}

/** Everything that must hold when all is at rest; empty when it does. */
export function complaints(evidence: Evidence): string[] {
  return [...lost(evidence), ...doubled(evidence), ...disordered(evidence), ...unfair(evidence)];
}

function stateOf({ parked, attempts, last_error }: InboxEntry): string {
  return `${parked ? 'is parked' : 'waits'} after ${attempts} attempts${last_error ? `: ${last_error}` : ''}`;
}

function* deliveries({ postgres, handlers }: Evidence) {
  for (const source of CONTEXTS) {
    for (const entry of postgres.tables(source).outbox) {
      for (const context of CONTEXTS) {
        for (const handler of handlers[context]) {
          if (handler.contract.type === entry.envelope.type) yield { source, context, handler, ...entry };
        }
      }
    }
  }
}

function lost(evidence: Evidence): string[] {
  const missing: string[] = [];
  for (const { context, handler, envelope } of deliveries(evidence)) {
    const key = inboxKey({ message_id: envelope.id, handler: handler.name });
    if (evidence.postgres.tables(context).inbox.get(key)?.done !== 'handled')
      missing.push(`lost: ${envelope.type} ${envelope.id} for ${context} ${handler.name}`);
  }
  return missing;
}

function doubled({ postgres }: Evidence): string[] {
  return CONTEXTS.flatMap((context) => {
    const times = new Map<string, number>();
    for (const effect of postgres.tables(context).effects)
      times.set(inboxKey(effect), (times.get(inboxKey(effect)) ?? 0) + 1);
    const undone = [...times.keys()].filter((key) => postgres.tables(context).inbox.get(key)?.done !== 'handled');
    return [
      ...[...times].filter(([, count]) => count > 1).map(([key, count]) => `done ${count} times: ${context} ${key}`),
      ...undone.map((key) => `done, but not marked as done: ${context} ${key}`),
    ];
  });
}

/** Per lane of a reader: messages of one source have their effects in the order in which the source told them. */
function disordered(evidence: Evidence): string[] {
  const places = new Map<string, { lane: string; source: string; xid: number; position: number }>();
  for (const { source, context, handler, envelope, xid, position } of deliveries(evidence)) {
    const place = { lane: `${context} ${laneOf(handler.lane, envelope)}`, source, xid, position };
    places.set(`${context} ${envelope.id} ${handler.name}`, place);
  }
  const found: string[] = [];
  for (const context of CONTEXTS) {
    const last = new Map<string, { xid: number; position: number }>();
    for (const { message_id, handler } of evidence.postgres.tables(context).effects) {
      const place = places.get(`${context} ${message_id} ${handler}`);
      if (!place) continue;
      const line = `${place.lane} from ${place.source}`;
      const before = last.get(line);
      if (before && (before.xid > place.xid || (before.xid === place.xid && before.position > place.position)))
        found.push(`out of order: ${line}, message ${message_id} for ${handler}`);
      last.set(line, place);
    }
  }
  return found;
}

/** The business: one trip per request, paid exactly when it takes place, and every room accounted for. */
function unfair({ postgres, provider, requests }: Evidence): string[] {
  const found: string[] = [];
  const [travel, rooms] = [postgres.tables('travel'), postgres.tables('rooms')];
  const asked = travel.outbox.filter(({ envelope }) => envelope.type === 'travel.trip-asked.v1').length;
  if (asked !== requests) found.push(`${requests} requests were told yes, but there are ${asked} trips`);
  if (travel.sagas.size !== asked) found.push(`${asked} trips, but ${travel.sagas.size} sagas`);
  let completed = 0;
  for (const saga of travel.sagas.values()) {
    const id = String(saga.id);
    const happens = saga.status === 'completed';
    if (happens) completed += 1;
    const movements = (kind: string) =>
      provider.ledger.filter((entry) => entry.tripId === id && entry.kind === kind).length;
    const balance = movements('take') - movements('return');
    if (movements('take') > 1) found.push(`trip ${id} was paid ${movements('take')} times`);
    if (balance !== (happens ? 1 : 0)) found.push(`trip ${id} is ${saga.status}, its balance ${balance}`);
    const room = rooms.things.get(id)?.status ?? 'none';
    if (happens !== (room === 'assign')) found.push(`trip ${id} is ${saga.status}, its room ${room}`);
  }
  const left = rooms.things.get('hotel')?.count ?? ROOMS;
  if (left + completed !== ROOMS) found.push(`${left} rooms are left and ${completed} taken, of ${ROOMS}`);
  return found;
}
