import { BrokenGround } from '../../support/faults/broken-ground.js';
import { away } from './away.js';
import { garbage } from './garbage.js';
import { halfOpen } from './half-open.js';
import { lostReplies } from './lost-replies.js';
import { restarts } from './restarts.js';
import { saturation } from './saturation.js';

// A server and a shop are dear to start: these faults break the same ones, one after another.
describe('one shop, and its PostgreSQL', () => {
  let ground: BrokenGround;

  beforeAll(async () => {
    ground = await BrokenGround.start({ settings: { deadlock_timeout: '50ms' } }); // for saturation
  }, 180_000);
  afterAll(() => ground?.[Symbol.asyncDispose](), 60_000);
  beforeEach(() => ground.customer.renew());
  afterEach(() => ground.holds(), 120_000);

  for (const faults of [away, restarts, halfOpen, lostReplies, garbage, saturation]) faults(() => ground);
});
