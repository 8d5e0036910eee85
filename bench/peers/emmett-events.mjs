// Emmett's PostgreSQL event store, measured against only. It changes pg's parsers globally, so it runs alone.
import { dumbo } from '@event-driven-io/dumbo';
import { STREAM_DOES_NOT_EXIST } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore, readMessagesBatch } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';
import { v7 } from 'uuid';
import { factsOf } from '../event-store/facts.mjs';
import { closedLoop } from '../harness/closed-loop.mjs';

export async function start({ adminUrl, poolSize }) {
  const pool = new pg.Pool({ connectionString: adminUrl, max: poolSize, idleTimeoutMillis: 600_000 });
  const store = getPostgreSQLEventStore(adminUrl, { connectionOptions: { pool } });
  await store.schema.migrate();
  const reader = dumbo({ connectionString: adminUrl, pool });
  let appended = 0;

  const append = async (facts) => {
    await store.appendToStream(`parcel-${v7()}`, facts, { expectedStreamVersion: STREAM_DOES_NOT_EXIST });
    appended += facts.length;
  };

  const replay = async ({ ms, batch }) => {
    const cpu = process.cpuUsage();
    const started = performance.now();
    let ops = 0;
    let inPass = 0;
    let after = 0n;
    while (performance.now() - started < ms) {
      const page = await readMessagesBatch(reader.execute, { after, batchSize: batch });
      ops += page.messages.length;
      inPass += page.messages.length;
      after = page.currentGlobalPosition;
      if (page.areMessagesLeft) continue;
      if (inPass !== appended) throw new Error(`A replay gave ${inPass} events of ${appended}`);
      after = 0n;
      inPass = 0;
    }
    const { user, system } = process.cpuUsage(cpu);
    return { ops, seconds: (performance.now() - started) / 1_000, clientCpuUs: user + system };
  };

  return {
    pg,
    window: ({ ms, concurrency, perAppend, batch }) =>
      batch ? replay({ ms, batch }) : closedLoop({ ms, concurrency, operation: () => append(factsOf(perAppend)) }),
    /** One writer only: what several wrote at once, Emmett 0.42 does not read back completely. */
    async fill({ streams, perStream }) {
      for (let left = streams; left > 0; left--) await append(factsOf(perStream));
    },
    async verify() {
      const { rows } = await pool.query('select count(*) as count from emt_messages');
      return { found: { events: Number(rows[0].count) }, expected: { events: appended } };
    },
    async close() {
      await store.close();
      await pool.end().catch(() => undefined);
    },
  };
}
