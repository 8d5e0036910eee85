// The road's own relay and its JetStream conveyor; rows come into the outbox while it sleeps.
import { jetstream } from '@nats-io/jetstream';
import { JetStreamConveyor, connectNats, newId } from '../../dist/libs/messaging/index.js';
import { Relay } from '../../dist/libs/data-consistency/outbox/relay.js';
import { openRoad } from '../harness/road.mjs';
import { fillOutbox, orderInStream } from './rows.mjs';

export async function start({ adminUrl, url }) {
  const connection = await connectNats({ url, name: 'orders' });
  const failures = [];
  const failed = (part, error) => failures.push(`${part}: ${error.message}`);
  const conveyor = await JetStreamConveyor.on({ connection, failed });
  let carried = 0;
  let reached = () => {};
  const counted = {
    name: conveyor.name,
    connect: (sink) => conveyor.connect(sink),
    lastCarried: (source, doubt) => conveyor.lastCarried(source, doubt),
    async carryUnopened(batch) {
      await conveyor.carryUnopened(batch);
      carried += batch.length;
      reached();
    },
  };
  const context = await openRoad({ adminUrl, context: 'orders', conveyor: counted });
  const { database } = context.road;
  const relay = new Relay({
    context: 'orders',
    database,
    conveyor: counted,
    failed: (error) => failed('relay', error),
    pollMs: 3_600_000,
  });
  const [{ epoch }] = await database.read(
    `insert into leadership (name, epoch) values ('orders', 1) on conflict (name) do update set epoch = leadership.epoch + 1 returning epoch`,
  );
  relay.lead(Number(epoch));
  const written = [];

  return {
    pg: context.pg,
    async window({ rows }) {
      const insert = (batch) =>
        database.read(
          `insert into outbox (message_id, type, key, envelope)
           select (m->>'id')::uuid, m->>'type', m->>'subject', m from json_array_elements($1::json) as m`,
          [JSON.stringify(batch)],
        );
      written.push(...(await fillOutbox({ rows, newId, insert })));
      const cpu = process.cpuUsage();
      const started = performance.now();
      const all = new Promise((resolve) => (reached = () => carried >= written.length && resolve()));
      relay.wake();
      await all;
      const seconds = (performance.now() - started) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      return { ops: rows, seconds, clientCpuUs: user + system };
    },
    async verify() {
      const misplaced = await orderInStream({
        js: jetstream(connection),
        stream: 'HOLDFAST_orders',
        expected: written,
      });
      return { found: { carried, misplaced }, expected: { carried: written.length, misplaced: 0 }, failures };
    },
    async close() {
      await relay.stepDown();
      await connection.close();
      await context.close();
    },
  };
}
