import type { FastifyReply } from 'fastify';
import type { Ledger } from '../ledger/ledger.js';
import type { Provider } from '../ledger/payment.js';
import type { Answer, WordError } from './answer.js';
import type { Disturbance } from './disturbance.js';
import type { FaultScript, FaultTarget } from './fault-script.js';
import type { PaymentTokens } from './payment-tokens.js';
import type { Line } from './line.js';

export interface Visit {
  provider: Provider;
  operation: FaultTarget;
  wordError: WordError;
  key?: string;
  token?: string;
}

/** Where a scripted redirect leads: on this very process, so that whoever follows it is seen and nothing else is touched. */
export const trapPath = '/latest/meta-data/';

/** Where every valid request is served: decides what goes wrong, and lets the rest through. */
export class Counter {
  constructor(
    private readonly script: FaultScript,
    private readonly tokens: PaymentTokens,
    private readonly ledger: Ledger,
    private readonly line: Line,
  ) {}

  async serve(reply: FastifyReply, visit: Visit, perform: () => Answer): Promise<FastifyReply> {
    const disturbance = this.disturbanceOf(visit);
    switch (disturbance?.kind) {
      case 'hang':
        return this.line.cut(reply, disturbance.delayMs ?? this.line.hangMs);
      case 'reset':
        return this.line.reset(reply);
      case 'error500':
        return this.line.send(reply, visit.wordError(500, 'internal_error', 'Something went wrong on our side'));
      case 'error503':
        return this.line.send(reply, retryLater(visit.wordError(503, 'unavailable', 'Temporarily unavailable')));
      case 'error429':
        return this.line.send(reply, retryLater(visit.wordError(429, 'rate_limited', 'Too many requests')));
      case 'html':
        return this.line.send(reply, {
          status: 200,
          type: 'text/html',
          body: '<html><body><h1>It works!</h1></body></html>',
        });
      case 'redirect':
        return this.line.send(reply, { ...nowhere, headers: { location: trapPath } });
    }
    return this.line.deliver(reply, perform(), disturbance);
  }

  private disturbanceOf({ provider, operation, key, token }: Visit): Disturbance | undefined {
    const scripted = this.script.takeReplyFault(provider, operation);
    if (scripted || key === undefined || token === undefined) return scripted;
    return this.ledger.find(provider, key) ? undefined : this.tokens.disturb(provider, key, token);
  }
}

const nowhere: Answer = { status: 302, type: 'text/plain', body: '' };

const retryLater = (answer: Answer): Answer => ({ ...answer, headers: { ...answer.headers, 'retry-after': '1' } });
