import { jest } from '@jest/globals';
import { newId } from '@holdfast/messaging';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { Handlers } from './handler.js';
import type { ClaimRequest, Claimed, ClaimedMessage, InboxQueue } from './inbox-queue.js';
import { InboxWorker } from './inbox-worker.js';

const STEPS = 3;
const STEP_MS = 100;

/** A worker on an inbox with so many lanes that each walk along them takes three claims of 100 ms. */
function workerOf(found: (step: number, claims: number) => Partial<Claimed> = () => ({})) {
  const steps: number[] = [];
  const claim = ({ after }: ClaimRequest) => {
    const step = Number(after);
    steps.push(step);
    const claimed = {
      messages: [],
      placed: 0,
      ...(step + 1 < STEPS && { resumeAfter: `${step + 1}` }),
      ...found(step, steps.length),
    };
    return new Promise<Claimed>((resolve) => setTimeout(() => resolve(claimed), STEP_MS));
  };
  const worker = new InboxWorker({
    context: 'notes',
    queue: { claim, retryLater: async () => {} } as unknown as InboxQueue,
    handlers: new Handlers([]),
    work: {} as UnitOfWork,
    observed: () => {},
    failed: () => {},
    leaseMs: 60_000,
  });
  worker.start();
  return { worker, steps, pass: (ms: number) => jest.advanceTimersByTimeAsync(ms) };
}

const message = () => {
  const made = {
    messageId: newId(),
    handler: 'gone',
    type: 't',
    attempts: 1,
    notHere: 0,
    claim: newId(),
    envelope: { id: newId() },
  };
  return made as unknown as ClaimedMessage;
};

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('a worker whose lanes are more than one claim looks at', () => {
  it('sleeps after it looked at all of them in vain', async () => {
    const { steps, pass } = workerOf();
    await pass(STEPS * STEP_MS + 999);
    expect(steps).toEqual([0, 1, 2]);
    await pass(1);
    expect(steps).toEqual([0, 1, 2, 0]);
  });

  it('looks at all of them again when something arrived meanwhile, where it had been already', async () => {
    const { worker, steps, pass } = workerOf();
    await pass(STEP_MS + 1);
    worker.wake();
    await pass(2 * STEP_MS);
    expect(steps).toEqual([0, 1, 2, 0]);
    await pass(STEPS * STEP_MS + 500);
    expect(steps).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('looks at all of them again when something fell due meanwhile, where it had been already', async () => {
    const { steps, pass } = workerOf((_, claims) => (claims === 1 ? { nextReadyInMs: 50 } : { nextReadyInMs: 5_000 }));
    await pass(STEPS * STEP_MS + 3);
    expect(steps).toEqual([0, 1, 2, 0]);
    await pass(STEPS * STEP_MS + 500);
    expect(steps).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('goes on behind what it found, and then looks at those before it once more', async () => {
    const { steps, pass } = workerOf((step, claims) => (claims === 2 ? { messages: [message()] } : {}));
    await pass(2 * STEPS * STEP_MS + 500);
    expect(steps).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('ends in the middle of them when it is stopped', async () => {
    const { worker, steps, pass } = workerOf();
    await pass(STEP_MS / 2);
    const stopped = worker.stop();
    await pass(STEP_MS);
    await stopped;
    expect(steps).toEqual([0]);
  });
});
