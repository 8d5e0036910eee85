import type { FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import { failureOf, nobodyAnswers, problemOf } from './gateway-problems.js';
import { requestHeaders } from './headers.js';
import { identityHeaders } from './pass-through.js';
import type { Target } from './target.js';
import type { Targets } from './targets.js';

/** What one process said. */
export interface Said {
  status: number;
  headers: Record<string, string | string[]>;
  text: string;
}

/**
 * Who has to be asked when a question is for all contexts: one process per group of contexts, or every replica when
 * each knows something of its own.
 *
 * @throws ProblemException 503 naming a context that nobody answers for: half of the truth would look like all of it
 */
export function everybody(targets: Targets, replicas: 'one' | 'all'): Target[] {
  const asked = new Set<Target>();
  for (const context of targets.contexts) {
    const target = targets.choose(context);
    if (!target) throw nobodyAnswers(context);
    const alike = targets.of(context);
    if (replicas === 'all') for (const one of alike.filter(({ usable }) => usable)) asked.add(one);
    else if (!alike.some((one) => asked.has(one))) asked.add(target);
  }
  return [...asked];
}

/** @throws ProblemException 502, 503 or 504 when one of them does not answer */
export function askAll(asked: readonly Target[], request: FastifyRequest, body: Buffer | null): Promise<Said[]> {
  const headers = requestHeaders(request.raw.rawHeaders, identityHeaders(request));
  const options = {
    path: request.raw.url!,
    method: request.method as Dispatcher.HttpMethod,
    headers,
    ...(body && { body }),
  };
  return Promise.all(asked.map((target) => ask(target, options)));
}

async function ask(target: Target, options: Dispatcher.RequestOptions): Promise<Said> {
  try {
    const { statusCode, headers, body } = await target.request(options);
    return { status: statusCode, headers: headers as Said['headers'], text: await body.text() };
  } catch (error) {
    const failure = failureOf(error as Error);
    if (failure === 'refused') target.refused();
    throw problemOf(failure, `the process at ${target.url}`, error);
  }
}
