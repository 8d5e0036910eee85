// The context that is told: JetStream to its inbox, inbox to a handler that writes one row, in one transaction with the message's
// end.
import { defineWrite } from '../../dist/libs/data-consistency/index.js';
import { JetStreamConveyor, connectNats } from '../../dist/libs/messaging/index.js';
import { openRoad } from '../harness/road.mjs';
import { LetterWritten } from './letters.mjs';

const PATIENCE_MS = 60_000;

const keep = defineWrite(
  'archive.keep-letter',
  { letter: 'text', n: 'int' },
  'insert into kept (letter, n) select letter, n from rows',
);

export async function start({ adminUrl, url }) {
  const connection = await connectNats({ url, name: 'archive' });
  const failures = [];
  const conveyor = await JetStreamConveyor.on({
    connection,
    failed: (part, error) => failures.push(`${part}: ${error.message}`),
  });
  const tables = ['create table kept (at bigserial primary key, letter text not null, n int not null)'];
  let handled = 0;
  let took = [];
  let lastAt = 0;
  let reached = () => {};
  const observed = ({ error, message }) => {
    if (error) return;
    const now = process.hrtime.bigint();
    took.push(Number(now - BigInt(message.envelope.data.sentAt)) / 1e6);
    handled += 1;
    lastAt = performance.timeOrigin + performance.now();
    reached();
  };
  const context = await openRoad({ adminUrl, context: 'archive', tables, conveyor, observed });
  context.road.connect([
    {
      name: 'keep',
      contract: LetterWritten,
      lane: '',
      maxAttempts: 3,
      backoffMs: [100],
      handle: ({ letter, n }, tx) => void tx.write(keep, { letter, n }),
    },
  ]);
  context.road.start();

  return {
    pg: context.pg,
    /** Resolves when so many were handled since the start; gives how long each took since the last call. */
    async arrived({ expected }) {
      const late = AbortSignal.timeout(PATIENCE_MS);
      await new Promise((resolve, reject) => {
        reached = () => handled >= expected && resolve();
        late.addEventListener('abort', () => reject(new Error(`${handled} of ${expected} letters after a minute`)));
        reached();
      });
      const those = took;
      took = [];
      return { took: those, cpuUs: process.cpuUsage().user + process.cpuUsage().system, lastAt };
    },
    async verify({ expected }) {
      const { database } = context.road;
      const { kept, torn } = await database.one(
        `select count(*) as kept, count(*) filter (where n <> before + 1) as torn
         from (select n, coalesce(lag(n) over (partition by letter order by at), 0) as before from kept) as pairs`,
      );
      const found = { kept: Number(kept), 'out of order, lost or twice': Number(torn) };
      const all = [...failures, ...context.failures.map(String)];
      return { found, expected: { kept: expected, 'out of order, lost or twice': 0 }, failures: all };
    },
    async close() {
      await context.road.stopHandling();
      await context.close();
      await connection.close();
    },
  };
}
