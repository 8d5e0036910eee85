import { leadership } from './leadership.js';
import { ReplicaGround } from './replica-ground.js';
import { sharing } from './sharing.js';

// Processes are dear to start: one shop for all these tests, and one replica for those that do it no harm.
describe('several processes on one database', () => {
  let ground: ReplicaGround;

  beforeAll(async () => {
    ground = await ReplicaGround.start();
  }, 180_000);
  afterAll(() => ground?.[Symbol.asyncDispose](), 60_000);
  beforeEach(() => ground.customer.renew());

  sharing(() => ground);
  leadership(() => ground);
});
