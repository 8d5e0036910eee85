import type { Fleet, Host } from '@holdfast/routing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import type { EdgeIdentity } from './edge-identity.js';
import { failureOf, nobodyAnswers, problemOf } from './gateway-problems.js';
import { requestHeaders } from './headers.js';
import { addIdentity } from './pass-through.js';

/** A process, and one of the contexts in it for whom it will take a token. */
export interface Asked {
  host: Host;
  context: string;
}

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
export function everybody(fleet: Fleet, replicas: 'one' | 'all'): Asked[] {
  const { asked, away } = whoAnswers(fleet, replicas);
  if (away.length > 0) throw nobodyAnswers(away[0]!);
  return asked;
}

/** One process per group of contexts or every replica, and the contexts that nobody answers for. */
export function whoAnswers(fleet: Fleet, replicas: 'one' | 'all'): { asked: Asked[]; away: string[] } {
  const asked = new Map<Host, string>();
  const away: string[] = [];
  for (const context of fleet.services) {
    const chosen = fleet.choose(context)?.host;
    if (!chosen) away.push(context);
    else if (replicas === 'all')
      for (const { host } of [{ host: chosen }, ...fleet.askable(context)]) asked.set(host, context);
    else if (!fleet.of(context).some(({ host }) => asked.has(host))) asked.set(chosen, context);
  }
  return { asked: [...asked].map(([host, context]) => ({ host, context })), away };
}

/** Every process that can be asked, for a question to which whoever is away is part of the answer. */
export function whoeverIsThere(fleet: Fleet): Asked[] {
  const asked = new Map<Host, string>();
  for (const context of fleet.services) for (const { host } of fleet.askable(context)) asked.set(host, context);
  return [...asked].map(([host, context]) => ({ host, context }));
}

export interface QuestionToAll {
  request: FastifyRequest;
  reply: FastifyReply;
  body: Buffer | null;
  identity: Pick<EdgeIdentity, 'headers'>;
}

/**
 * Asks each of them on the caller's behalf, with a token of its own. What is put together has to be read: a `HEAD` is asked
 * as a `GET`.
 *
 * @returns an answer for each; it rejects with a ProblemException 502, 503 or 504 when that one does not answer
 */
export function askEach(asked: readonly Asked[], { request, reply, body, identity }: QuestionToAll): Promise<Said>[] {
  return asked.map(async ({ host, context }) => {
    const caller = await identity.headers(request, reply, { audience: context, open: false });
    const headers = requestHeaders(request.raw.rawHeaders, caller);
    addIdentity(headers, request);
    return ask(host, {
      path: request.raw.url!,
      method: request.method === 'HEAD' ? 'GET' : (request.method as Dispatcher.HttpMethod),
      headers,
      ...(body && { body }),
    });
  });
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
