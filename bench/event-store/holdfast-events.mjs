// Our event store: appends through the unit of work, replay through readLog.
import { LOG_START, LogReader, defineStream } from '../../dist/libs/data-consistency/index.js';
import { newId } from '../../dist/libs/messaging/index.js';
import { closedLoop } from '../harness/closed-loop.mjs';
import { openRoad } from '../harness/road.mjs';
import { factsOf } from './facts.mjs';

const parcels = defineStream('parcel', { initial: undefined, evolve: (_, fact) => fact });

export async function start({ adminUrl, poolSize }) {
  const context = await openRoad({ adminUrl, context: 'parcels', poolSize });
  const { work, events } = context.road;
  let appended = 0;

  const append = async (facts) => {
    await work.run((tx) => tx.append(parcels, newId(), 0, facts));
    appended += facts.length;
  };

  /** The whole log from its start, again and again until the time is over; each full pass is compared with what there is. */
  const replay = async ({ ms, batch }) => {
    const cpu = process.cpuUsage();
    const started = performance.now();
    let ops = 0;
    let after = LOG_START;
    let inPass = 0;
    const reader = new LogReader({ events, stream: parcels, pageSize: batch });
    while (performance.now() - started < ms) {
      const page = await reader.next(after);
      const last = page.events.at(-1);
      ops += page.events.length;
      inPass += page.events.length;
      if (last) after = { xid: last.xid, position: last.position };
      else {
        if (inPass !== appended) throw new Error(`A replay gave ${inPass} events of ${appended}`);
        after = LOG_START;
        inPass = 0;
      }
    }
    await reader.stop();
    const { user, system } = process.cpuUsage(cpu);
    return { ops, seconds: (performance.now() - started) / 1_000, clientCpuUs: user + system };
  };

  return {
    pg: context.pg,
    window: ({ ms, concurrency, perAppend, batch }) =>
      batch ? replay({ ms, batch }) : closedLoop({ ms, concurrency, operation: () => append(factsOf(perAppend)) }),
    async fill({ streams, perStream }) {
      for (let left = streams; left > 0; left -= 8) {
        await Promise.all(Array.from({ length: Math.min(8, left) }, () => append(factsOf(perStream))));
      }
    },
    async verify() {
      return {
        found: { events: await context.count('event') },
        expected: { events: appended },
        failures: context.failures.map(String),
      };
    },
    close: context.close,
  };
}
