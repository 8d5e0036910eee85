// The context that tells: a unit of work per letter, its outbox carried to JetStream by the road's own relay.
import { setTimeout as pause } from 'node:timers/promises';
import { JetStreamConveyor, connectNats } from '../../dist/libs/messaging/index.js';
import { openRoad } from '../harness/road.mjs';
import { LetterWritten } from './letters.mjs';

/** Letters have so many keys; those of one key are handled in order. */
const KEYS = 200;
const WRITERS = 64;

export async function start({ adminUrl, url }) {
  const connection = await connectNats({ url, name: 'desk' });
  const failures = [];
  const conveyor = await JetStreamConveyor.on({
    connection,
    failed: (part, error) => failures.push(`${part}: ${error.message}`),
  });
  const context = await openRoad({ adminUrl, context: 'desk', conveyor });
  context.road.start();
  let written = 0;
  const numbers = Array(KEYS).fill(0);
  const last = Array(KEYS).fill(Promise.resolve());

  /** The letters of one key are written one after the other, so that their order is known. */
  const write = () => {
    const key = written++ % KEYS;
    const n = ++numbers[key];
    const sentAt = String(process.hrtime.bigint());
    return (last[key] = last[key].then(() =>
      context.road.work.run((tx) => tx.emit(LetterWritten, { letter: `letter-${key}`, n, sentAt })),
    ));
  };

  return {
    pg: context.pg,
    async window({ ms, perSecond, letters }) {
      const cpu = process.cpuUsage();
      if (perSecond) await steadily(ms, perSecond, write);
      else await atOnce(letters, write);
      const { user, system } = process.cpuUsage(cpu);
      return { written, clientCpuUs: user + system };
    },
    async verify() {
      const outbox = await context.count('outbox');
      return {
        found: { outbox },
        expected: { outbox: written },
        failures: [...failures, ...context.failures.map(String)],
      };
    },
    async close() {
      await context.close();
      await connection.close();
    },
  };
}

async function steadily(ms, perSecond, write) {
  const started = performance.now();
  const writes = [];
  for (let turn = 0; turn < (ms / 1_000) * perSecond; turn++) {
    const early = started + (turn * 1_000) / perSecond - performance.now();
    if (early > 0) await pause(early);
    writes.push(write());
  }
  await Promise.all(writes);
}

async function atOnce(letters, write) {
  let left = letters;
  const writer = async () => {
    while (left-- > 0) await write();
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
}
