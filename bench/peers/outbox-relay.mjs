// The two usual relays of an outbox table: one asks every 100 ms, one is woken by NOTIFY from a trigger.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { v7 } from 'uuid';
import { closedLoop } from '../harness/closed-loop.mjs';
import { PEER_OUTBOX, envelopeOf, orderOf } from '../orders/order.mjs';
import { Journeys, steadyLoad } from '../relay/steady-load.mjs';

const NOTIFY = [
  `create function tell() returns trigger language plpgsql as $$ begin perform pg_notify('outbox', ''); return null; end $$`,
  `create trigger tell after insert on outbox for each statement execute function tell()`,
];
const insert = { name: 'insert', text: 'insert into outbox (id, type, key, envelope) values ($1, $2, $3, $4)' };
const fetch = {
  name: 'fetch',
  text: `delete from outbox where position in
           (select position from outbox order by position limit 500 for update skip locked) returning position, key, envelope`,
};

export async function start({ adminUrl, wake, poolSize }) {
  const pool = new pg.Pool({ connectionString: adminUrl, max: poolSize, idleTimeoutMillis: 600_000 });
  for (const statement of [PEER_OUTBOX, ...(wake === 'notify' ? NOTIFY : [])]) await pool.query(statement);
  const journeys = new Journeys();
  let written = 0;
  const stopped = new AbortController();
  let called = false;
  let wakeUp = () => {};

  const listener = new pg.Client({ connectionString: adminUrl });
  await listener.connect();
  listener.on('notification', () => {
    called = true;
    wakeUp();
  });
  if (wake === 'notify') await listener.query('listen outbox');

  const relay = async () => {
    while (!stopped.signal.aborted) {
      called = false;
      const { rows } = await listener.query(fetch);
      for (const { key } of rows.sort((a, b) => Number(a.position) - Number(b.position))) journeys.arrive(key);
      if (rows.length > 0 && wake === 'notify') continue;
      if (wake === 'poll') await pause(100);
      else if (!called) await new Promise((resolve) => (wakeUp = resolve));
    }
  };
  const loop = relay();

  const write = async () => {
    const order = orderOf(v7());
    const id = v7();
    journeys.depart(order.orderId);
    const values = [id, 'orders.order-placed.v1', order.orderId, JSON.stringify(envelopeOf(id, order))];
    await pool.query({ ...insert, values });
    written++;
  };

  return {
    pg,
    async window({ ms, concurrency, perSecond }) {
      if (perSecond) return steadyLoad({ ms, perSecond, write, journeys });
      const sample = await closedLoop({ ms, concurrency, operation: write });
      await journeys.allArrived();
      return sample;
    },
    verify: () => ({
      found: { relayed: journeys.arrived, lost: journeys.missing, twice: journeys.unexpected },
      expected: { relayed: written, lost: 0, twice: 0 },
    }),
    async close() {
      stopped.abort();
      wakeUp();
      await loop;
      await listener.end();
      await pool.end();
    },
  };
}
