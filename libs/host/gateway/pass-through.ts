import { currentCorrelation, currentTraceparent } from '@holdfast/observability';
import {
  RetryBudget,
  type CallOutcome,
  type Fleet,
  type PassedRequest,
  type Replica,
  type RetryBudgetOptions,
} from '@holdfast/routing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EdgeIdentity, Passage } from './edge-identity.js';
import { Exchange, isAnswer, type Unanswered } from './exchange.js';
import { nobodyAnswers, problemOf, type Failure } from './gateway-problems.js';
import { AnswerHeaders, requestHeaders, type Pairs } from './headers.js';
import { RequestBody } from './request-body.js';

/** Further replicas that are asked when one did not get the request. */
const RETRIES = 2;

export interface PassThroughOptions {
  identity: Pick<EdgeIdentity, 'headers'>;
  /** Told the headers of every answer before it is passed on. */
  heard?: (context: string, headers: Pairs) => void;
  /** For retries towards each context; default a tenth of its requests, or three a second. */
  budget?: RetryBudgetOptions;
  /** Told about every retry, and about every one that the budget did not allow. */
  retried?: (context: string, outcome: 'sent' | 'denied') => void;
  /** Whether clients are to come back over a new connection; default never. */
  closing?: () => boolean;
  /** What every answer carries, asked at the first one; default nothing. */
  stamp?: () => Pairs;
}

/** Sends requests on to the process that answers for a context, and its answer back, without reading either. */
export class PassThrough {
  private answerHeaders: AnswerHeaders | undefined;
  private readonly budgets = new Map<string, RetryBudget>();

  constructor(
    private readonly fleet: Fleet,
    private readonly options: PassThroughOptions,
  ) {}

  /** @throws ProblemException when there is no answer: 413, 502, 503 or 504 */
  async forward(passage: Passage, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { audience: context } = passage;
    const { identity, heard, closing = () => false, stamp = () => [] } = this.options;
    const body = new RequestBody(request);
    const known = identity.headers(request, reply, passage);
    const caller = known instanceof Promise ? await known : known;
    const headers = (this.answerHeaders ??= new AnswerHeaders(stamp()));
    const budget = this.budgetOf(context);
    budget.requested();
    let tried: Set<Replica> | undefined;
    for (let retries = 0; ; retries++) {
      // One that lost a read may be asked again, but only when there is nobody else.
      const replica = this.fleet.choose(context, tried) ?? [...(tried ?? [])].find(({ host }) => host.usable);
      if (!replica) throw nobodyAnswers(context);
      const exchange = new Exchange({ request, reply, headers, closing, heard: (raw) => heard?.(context, raw) });
      replica.dispatch(passedOn(request, body, caller), exchange);
      const outcome = await exchange.done;
      this.fleet.ended(replica, verdictOn(exchange, outcome));
      if (!outcome || outcome.failure === 'gone') return;
      if (isAnswer(outcome.error)) throw outcome.error;
      (tried ??= new Set()).add(replica);
      if (retries === RETRIES || !mayGoAgain(outcome.failure, request, body))
        throw problemOf(outcome.failure, context, outcome.error);
      const mayRetry = budget.mayRetry();
      this.options.retried?.(context, mayRetry ? 'sent' : 'denied');
      if (!mayRetry) throw problemOf(outcome.failure, context, outcome.error);
    }
  }

  /** Of everything that this gateway asks a context: nobody else on this edge tries again. */
  private budgetOf(context: string): RetryBudget {
    const known = this.budgets.get(context);
    if (known) return known;
    const budget = new RetryBudget(this.options.budget);
    this.budgets.set(context, budget);
    return budget;
  }
}

/**
 * What the end of an exchange says about the replica. Gateway errors are 502, 503 and 504, as in Envoy, but a 503 with
 * `Retry-After` is how a healthy process sheds or waits for its database: no reason to leave it alone.
 */
function verdictOn({ answered }: Exchange, outcome: Unanswered | undefined): CallOutcome {
  if (outcome?.failure === 'refused') return 'refused';
  if (outcome) return outcome.failure === 'gone' || isAnswer(outcome.error) ? 'neutral' : 'failed';
  if (!answered) return 'neutral';
  const { status, asksToComeBack } = answered;
  if (status === 503 && asksToComeBack) return 'neutral';
  return status >= 502 && status <= 504 ? 'failed' : 'answered';
}

/** What was never sent may go elsewhere; what was sent and lost only when asking twice is the same as asking once. */
function mayGoAgain(failure: Failure, { method }: FastifyRequest, body: RequestBody): boolean {
  if (body.begun) return false;
  return failure === 'refused' || (failure === 'lost' && (method === 'GET' || method === 'HEAD'));
}

function passedOn(request: FastifyRequest, body: RequestBody, caller: Pairs): PassedRequest {
  const headers = requestHeaders(request.raw.rawHeaders, caller);
  addIdentity(headers, request);
  for (const one of body.headers) headers.push(one);
  return { method: request.method as PassedRequest['method'], target: request.raw.url!, headers, body: body.chunks() };
}

/** Adds what ties the work behind the gateway to the request before it. */
export function addIdentity(headers: string[], request: FastifyRequest): void {
  headers.push('x-request-id', request.id);
  const traceparent = currentTraceparent();
  if (traceparent !== undefined) headers.push('traceparent', traceparent);
  const correlation = currentCorrelation();
  if (correlation) headers.push('x-correlation-id', correlation.correlationId);
}
