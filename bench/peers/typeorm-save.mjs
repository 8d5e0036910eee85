import 'reflect-metadata';
import pg from 'pg';
import { closedLoop } from '../harness/closed-loop.mjs';
import { openSource, saveOrder } from './order-entities.mjs';

export async function start({ adminUrl, poolSize }) {
  const source = await openSource({ adminUrl, poolSize });
  let saved = 0;
  const operation = async () => {
    await saveOrder(source);
    saved++;
  };
  return {
    pg,
    window: ({ ms, concurrency }) => closedLoop({ ms, concurrency, operation }),
    async verify() {
      const found = {};
      for (const table of ['purchase_order', 'order_line', 'outbox']) {
        const [{ count }] = await source.query(`select count(*) from ${table}`);
        found[table] = Number(count);
      }
      return { found, expected: { purchase_order: saved, order_line: 3 * saved, outbox: saved }, failures: [] };
    },
    close: () => source.destroy(),
  };
}
