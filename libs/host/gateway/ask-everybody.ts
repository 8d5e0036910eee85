import type { Fleet, Host } from '@holdfast/routing';
import type { FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import { failureOf, nobodyAnswers, problemOf } from './gateway-problems.js';
import { requestHeaders } from './headers.js';
import { identityHeaders } from './pass-through.js';

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
export function everybody(fleet: Fleet, replicas: 'one' | 'all'): Host[] {
  const asked = new Set<Host>();
  for (const context of fleet.services) {
    const chosen = fleet.choose(context)?.host;
    if (!chosen) throw nobodyAnswers(context);
    if (replicas === 'all') for (const { host } of [{ host: chosen }, ...fleet.askable(context)]) asked.add(host);
    else if (!fleet.of(context).some(({ host }) => asked.has(host))) asked.add(chosen);
  }
  return [...asked];
}

/** @throws ProblemException 502, 503 or 504 when one of them does not answer */
export function askAll(asked: readonly Host[], request: FastifyRequest, body: Buffer | null): Promise<Said[]> {
  const headers = requestHeaders(request.raw.rawHeaders, identityHeaders(request));
  const options = {
    path: request.raw.url!,
    method: request.method as Dispatcher.HttpMethod,
    headers,
    ...(body && { body }),
  };
  return Promise.all(asked.map((host) => ask(host, options)));
}

async function ask(host: Host, options: Dispatcher.RequestOptions): Promise<Said> {
  try {
    const { statusCode, headers, body } = await host.request(options);
    return { status: statusCode, headers: headers as Said['headers'], text: await body.text() };
  } catch (error) {
    const failure = failureOf(error as Error);
    if (failure === 'refused') host.refused();
    throw problemOf(failure, `the process at ${host.url}`, error);
  }
}
