import { ContractViolation } from '../contract-violation.js';
import { DeadlineWheel } from '../deadline-wheel.js';
import { QueryFailed, QueryTimeout, QueryUnanswered } from '../query-errors.js';
import { QueryBundle } from './query-bundle.js';
import type { NumberedOutcome } from './query-wire.js';

const type = 'letters.echo.v1';

/** What an asker gets when this comes from the wire. */
function told(outcome: object): Promise<unknown> {
  const bundle = new QueryBundle({ type, token: 'a', deadlines: new DeadlineWheel(), settled: () => {} });
  const asked = bundle.add({ type, question: '{}', withinMs: 60_000 }).catch((error: unknown) => error);
  bundle.finish({ n: 0, ...outcome } as NumberedOutcome);
  return asked;
}

describe('who waits for an answer', () => {
  it.each([
    [{ error: 'violation', contract: type, violations: [{ path: '/', rule: 'a', message: 'b' }] }, ContractViolation],
    [{ error: 'timeout', query: type, deadlineMs: 5 }, QueryTimeout],
    [{ error: 'unanswered', query: type }, QueryUnanswered],
    [{ error: 'failed', query: type, reason: 'no' }, QueryFailed],
  ])('is told why there is none: %j', async (outcome, kind) => expect(await told(outcome)).toBeInstanceOf(kind));

  it.each([
    [{ error: 'violation' }],
    [{ error: 'violation', contract: type, violations: 'none' }],
    [{ error: 'violation', contract: type, violations: [null] }],
    [{ error: { toString: 1 } }],
  ])('is told so when it came damaged, and waits no longer: %j', async (outcome) => {
    const error = await told(outcome);
    expect(error).toBeInstanceOf(QueryFailed);
    expect(error).toMatchObject({ query: type, reason: 'the reply is not one of a query' });
  });

  it.each([['overloaded'], [null], [7]])('is told so when it is of a newer kind: %p', async (error) => {
    expect(await told({ error, retryAfterMs: 5 })).toMatchObject({
      name: 'QueryFailed',
      reason: `its answer is of a kind not known here: ${String(error)}`,
    });
  });
});
