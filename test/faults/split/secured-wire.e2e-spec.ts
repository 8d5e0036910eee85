import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { murder } from '../../support/faults/process-control.js';
import { faultReport, inFull, itInFull } from '../../support/faults/report.js';
import { SplitGround } from '../../support/faults/split-ground.js';
import type { Way } from '../../support/faults/wire-proxy.js';
import { processesBehind } from '../../support/supervised.js';

const report = faultReport('The wire to a NATS with TLS and keys');
const CUTS: readonly [name: string, way: Way][] = [
  ['checkout', 'both'],
  ['orders', 'to-server'],
  ['payments', 'to-client'],
];

describe('a split shop whose wire to NATS is encrypted, and broken', () => {
  let ground: SplitGround;

  beforeAll(async () => {
    if (inFull) ground = await SplitGround.secured();
  }, 180_000);
  afterAll(() => ground?.[Symbol.asyncDispose](), 60_000);

  for (const [name, way] of CUTS) {
    itInFull(
      `${name} hears and says nothing any more, ${way}`,
      async () => {
        const { wire } = ground;
        const before = wire.swallowed;
        const placed = await ground.during(async () => {
          wire.partition(new RegExp(name), way);
          await eventually(() => wire.swallowed > before + 3, { what: 'something is lost', withinMs: 30_000 });
          await pause(20_000); // the length of the cut is the fault
          wire.heal();
        });
        report(`${name} cut off, ${way}, ${wire.swallowed - before} pieces swallowed`, await ground.holds(placed));
      },
      400_000,
    );
  }

  itInFull(
    'everything takes its time',
    async () => {
      const placed = await ground.during(async () => void (ground.wire.latencyMs = 150), { atLeast: 100 });
      report('150 ms each way', await ground.holds(placed));
    },
    400_000,
  );

  itInFull(
    'connections are reset',
    async () => {
      let torn = 0;
      const placed = await ground.during(async () => {
        for (let time = 0; time < 20; time++) {
          torn += ground.wire.reset(time % 2 ? undefined : /orders|checkout/);
          await pause(500 + ((time * 397) % 700)); // some of it in the midst of the handshake of those that come back
        }
      });
      expect(torn).toBeGreaterThan(20);
      report(`${torn} connections reset, ×20`, await ground.holds(placed));
    },
    400_000,
  );

  itInFull(
    'NATS killed and started again by its supervisor',
    async () => {
      const { process: nats } = processesBehind(ground.shop.url).nats!;
      const placed = await ground.during(async () => {
        for (let time = 1; time <= 3; time++) {
          await murder(nats.pid!);
          await eventually(() => nats.restarts === time && nats.state === 'ready', { what: 'NATS is back' });
        }
      });
      report('kill -9 of NATS ×3', await ground.holds(placed));
    },
    400_000,
  );
});
