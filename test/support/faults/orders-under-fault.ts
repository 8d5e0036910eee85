import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Answer, Client } from '../client.js';
import { eventually, inParallel } from '../eventually.js';
import { orderOf, type User } from '../user.js';
import type { OrderView } from '../views.js';

export interface Attempt {
  /** Undefined when the connection broke before an answer. */
  status: number | undefined;
  ms: number;
}

export interface PlacedOrder {
  id: string;
  key: string;
  attempts: Attempt[];
}

export interface Traffic {
  by: Client;
  sku: string;
  /** How many orders; or until this says stop. */
  count: number | (() => boolean);
  atOnce?: number;
  /** Milliseconds between an order and the next one of the same client; default 0. */
  restMs?: number;
  /** Milliseconds a client goes on trying with one key; default 60,000. */
  patienceMs?: number;
}

/**
 * Places orders as a good client does: an answer that may be temporary, or none, means the same request again with the same
 * key. Every order ends with 201, or the test fails.
 */
export async function placeOrders(traffic: Traffic): Promise<PlacedOrder[]> {
  const { by, sku, count, atOnce = 5, restMs = 0, patienceMs = 60_000 } = traffic;
  const insistent = { by, sku, patienceMs };
  if (typeof count === 'number') return inParallel(Array.from({ length: count }), atOnce, () => insist(insistent));
  const placed: PlacedOrder[] = [];
  const keepOrdering = async () => {
    do {
      placed.push(await insist(insistent));
      await pause(restMs);
    } while (!count());
  };
  await Promise.all(Array.from({ length: atOnce }, keepOrdering));
  return placed;
}

async function insist({ by, sku, patienceMs }: { by: Client; sku: string; patienceMs: number }): Promise<PlacedOrder> {
  const key = randomUUID();
  const attempts: Attempt[] = [];
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { answer, ms } = await timed(by, sku, key);
    attempts.push({ status: answer?.status, ms });
    if (answer?.status === 201) return { id: answer.body.id, key, attempts };
    if (answer) expectTemporary(answer);
    if (performance.now() > deadline) {
      throw new Error(`No 201 within ${patienceMs} ms, but ${attempts.map(({ status }) => status).join()}`);
    }
    await pause(100); // as a client does, between two attempts
  }
}

async function timed(by: Client, sku: string, key: string): Promise<{ answer?: Answer<OrderView>; ms: number }> {
  const began = performance.now();
  const answer = await by.post<OrderView>('/api/v1/orders', orderOf({ sku }), { key }).catch(brokenConnection);
  return { ...(answer && { answer }), ms: Math.round(performance.now() - began) };
}

function brokenConnection(error: unknown): undefined {
  // fetch throws errors of the world outside jest's, which are no instances of the Error in here.
  if ((error as Partial<Error> | null)?.message === 'fetch failed') return undefined;
  throw error; // a time-out is a call that did not end at its deadline
}

/** 502 of a gateway that saw a process die, 503 and 504, and 409 for a request with this key that is still at work: problem documents that say when to come back. */
export function expectTemporary(answer: Answer<unknown>): void {
  const { status, headers, text } = answer;
  if (![502, 503, 504, 409].includes(status)) throw new Error(`Unexpected ${status}: ${text.slice(0, 400)}`);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  if (status === 409) expect(text).toContain('request-in-flight');
  if (status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
}

/** How often each status came: `201 ×30, 503 ×4`. */
export function statusesOf(placed: readonly PlacedOrder[]): string {
  const attempts = Map.groupBy(
    placed.flatMap((order) => order.attempts),
    ({ status }) => String(status ?? 'no answer'),
  );
  return [...attempts].map(([status, { length }]) => `${status} ×${length}`).join(', ');
}

export function slowestOf(placed: readonly PlacedOrder[]): number {
  return Math.max(...placed.flatMap(({ attempts }) => attempts.map(({ ms }) => ms)));
}

/** Each has the one order it was told of, once; and it came to an end. */
export async function expectKept(by: User, placed: readonly PlacedOrder[]): Promise<void> {
  expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length);
  const ends = await inParallel(placed, 8, ({ id }) => ended(by, id));
  expect(ends.filter(({ status }) => status !== 'completed')).toEqual([]);
}

const ENDS = ['completed', 'rejected', 'cancelled'];

/** Asks as a good client does, too: later means again. */
function ended(by: User, id: string): Promise<OrderView> {
  let last: OrderView | undefined;
  return eventually(
    async () => {
      const answer = await by.get<OrderView>(`/api/v1/orders/${id}`).catch(brokenConnection);
      if (!answer) return undefined;
      if (answer.status === 200) last = answer.body;
      else expectTemporary(answer);
      return last && ENDS.includes(last.status) ? last : undefined;
    },
    { what: () => `the end of order ${id}; it is ${last?.status}`, withinMs: 120_000 }, // a busy machine takes its time
  );
}

/** How many orders there are by their events: of everybody, or of one customer. */
export async function ordersTold(database: pg.Pool, customerId?: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    `select count(*)::int from orders.event where stream_type = 'order' and version = 1
       and ($1::text is null or data->>'customerId' = $1)`,
    [customerId],
  );
  return rows[0]!.count;
}
