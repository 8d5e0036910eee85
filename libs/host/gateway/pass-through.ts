import { currentCorrelation, currentTraceparent } from '@holdfast/observability';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import { Exchange, isAnswer } from './exchange.js';
import { nobodyAnswers, problemOf, type Failure } from './gateway-problems.js';
import { requestHeaders } from './headers.js';
import { RequestBody } from './request-body.js';
import type { Target } from './target.js';
import type { Targets } from './targets.js';

/** Further replicas that are asked when one did not get the request. */
const RETRIES = 2;

/** Sends requests on to the process that answers for a context, and its answer back, without reading either. */
export class PassThrough {
  /** @param closing whether clients are to come back over a new connection */
  constructor(
    private readonly targets: Targets,
    private readonly closing: () => boolean = () => false,
  ) {}

  /** @throws ProblemException when there is no answer: 413, 502, 503 or 504 */
  async forward(context: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const body = new RequestBody(request);
    const tried = new Set<Target>();
    for (let retries = 0; ; retries++) {
      const target = this.targets.choose(context, tried);
      if (!target) throw nobodyAnswers(context);
      const exchange = new Exchange({ request, reply, closing: this.closing });
      target.inFlight += 1;
      target.dispatch(optionsOf(request, body), exchange);
      const outcome = await exchange.done;
      target.inFlight -= 1;
      if (!outcome || outcome.failure === 'gone') return;
      if (isAnswer(outcome.error)) throw outcome.error;
      if (outcome.failure === 'refused') {
        target.refused();
        tried.add(target);
      }
      if (retries === RETRIES || !mayGoAgain(outcome.failure, request, body))
        throw problemOf(outcome.failure, context, outcome.error);
    }
  }
}

/** What was never sent may go elsewhere; what was sent and lost only when asking twice is the same as asking once. */
function mayGoAgain(failure: Failure, { method }: FastifyRequest, body: RequestBody): boolean {
  if (body.begun) return false;
  return failure === 'refused' || (failure === 'lost' && (method === 'GET' || method === 'HEAD'));
}

function optionsOf(request: FastifyRequest, body: RequestBody): Dispatcher.DispatchOptions {
  return {
    path: request.raw.url!,
    method: request.method as Dispatcher.HttpMethod,
    headers: requestHeaders(request.raw.rawHeaders, { ...identityHeaders(request), ...body.headers }),
    body: body.chunks() as unknown as NonNullable<Dispatcher.DispatchOptions['body']>, // undici takes iterables as well
  };
}

/** What ties the work behind the gateway to the request before it. */
export function identityHeaders(request: FastifyRequest): Record<string, string> {
  const traceparent = currentTraceparent();
  const correlation = currentCorrelation();
  return {
    'x-request-id': request.id,
    ...(traceparent && { traceparent }),
    ...(correlation && { 'x-correlation-id': correlation.correlationId }),
  };
}
