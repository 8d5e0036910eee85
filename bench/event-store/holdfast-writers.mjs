// 16 writers at once. Every second one holds its transaction open for a moment after it wrote, so that commits overtake.
import { setTimeout as pause } from 'node:timers/promises';
import { defineStream } from '../../dist/libs/data-consistency/index.js';
import { newId } from '../../dist/libs/messaging/index.js';
import { openRoad } from '../harness/road.mjs';
import { factsOf } from './facts.mjs';

const parcels = defineStream('parcel', { initial: undefined, evolve: (_, fact) => fact });

export async function start({ adminUrl, writers }) {
  const context = await openRoad({ adminUrl, context: 'parcels', poolSize: writers + 4 });
  const { work } = context.road;
  let appended = 0;

  const writer = async (number, end) => {
    const laggard = number % 2 === 1;
    while (performance.now() < end) {
      const facts = factsOf(1 + (number % 3));
      await work.run(async (tx) => {
        if (laggard) {
          await tx.lock('select pg_current_xact_id()'); // takes its transaction id now and commits later
          await pause(Math.random() * 5);
        }
        tx.append(parcels, newId(), 0, facts);
      });
      appended += facts.length;
    }
  };

  return {
    async write({ ms }) {
      const end = performance.now() + ms;
      await Promise.all(Array.from({ length: writers }, (_, number) => writer(number, end)));
      return appended;
    },
    verify: async () => ({
      found: { events: await context.count('event') },
      expected: { events: appended },
      failures: context.failures.map(String),
    }),
    close: context.close,
  };
}
