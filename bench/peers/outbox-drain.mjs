// The usual relay into a broker: take a batch of rows not yet sent, publish each and wait for its acknowledgement, mark them sent.
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { v7 } from 'uuid';
import { PEER_OUTBOX } from '../orders/order.mjs';
import { fillOutbox, orderInStream } from '../relay-drain/rows.mjs';

export async function start({ adminUrl, url, batch }) {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(PEER_OUTBOX);
  await client.query('alter table outbox add column sent_at timestamptz');
  await client.query('create index on outbox (position) where sent_at is null');
  const connection = await connect({ servers: url });
  const stream = `PEER_${batch}`;
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: stream, subjects: [`peer${batch}.>`] });
  const js = jetstream(connection);
  const written = [];
  let carried = 0;

  const fetch = {
    name: 'fetch',
    text: 'select position, type, envelope from outbox where sent_at is null order by position limit $1',
  };
  const mark = { name: 'mark', text: 'update outbox set sent_at = now() where position = any($1)' };

  return {
    pg,
    async window({ rows }) {
      const insert = (told) =>
        client.query(
          `insert into outbox (id, type, key, envelope)
           select (m->>'id')::uuid, m->>'type', m->>'subject', m from json_array_elements($1::json) as m`,
          [JSON.stringify(told)],
        );
      written.push(...(await fillOutbox({ rows, newId: v7, insert })));
      const cpu = process.cpuUsage();
      const started = performance.now();
      for (;;) {
        const { rows: found } = await client.query({ ...fetch, values: [batch] });
        if (found.length === 0) break;
        for (const { type, envelope } of found) {
          await js.publish(`peer${batch}.${type}`, JSON.stringify(envelope));
          carried++;
        }
        await client.query({ ...mark, values: [found.map(({ position }) => position)] });
      }
      const { user, system } = process.cpuUsage(cpu);
      return { ops: rows, seconds: (performance.now() - started) / 1_000, clientCpuUs: user + system };
    },
    async verify() {
      const misplaced = await orderInStream({ js, stream, expected: written });
      return { found: { carried, misplaced }, expected: { carried: written.length, misplaced: 0 } };
    },
    async close() {
      await connection.close();
      await client.end();
    },
  };
}
