import { InvalidToken, consistencyToken, withConsistency } from '@holdfast/data-consistency';
import { badRequest } from '../problem/problems.js';
import type { Around, RequestStep } from './request-step.js';

const HEADER = 'Consistency-Token';

/** Read-your-writes: a write's answer carries `Consistency-Token`; a read that sends it back sees that write, or gets 503. */
export class ConsistencyStep implements RequestStep {
  around(): Around {
    return ({ request, reply }, next) => {
      const token = request.headers['consistency-token'];
      const work = async () => {
        const body = await next();
        const written = consistencyToken();
        if (written !== undefined) void reply.header(HEADER, written);
        return body;
      };
      try {
        return withConsistency(token === undefined ? undefined : String(token), work);
      } catch (error) {
        if (error instanceof InvalidToken) throw badRequest({ detail: error.message, field: HEADER, rule: 'format' });
        throw error;
      }
    };
  }
}
