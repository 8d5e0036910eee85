import { question } from '../calls/call-loop.mjs';
import { closedLoop } from '../harness/closed-loop.mjs';

/** What an asker does in a window: `concurrency` callers, each answer looked at. */
export const askLoop = (call) => ({
  window: ({ ms, concurrency }) =>
    closedLoop({
      ms,
      concurrency,
      operation: async () => {
        const answer = await call(question);
        if (answer.country !== 'GB') throw new Error(`A wrong answer: ${JSON.stringify(answer)}`);
      },
    }),
});
