import type { SpanView } from '@holdfast/observability';
import { pairsOf, type Fleet } from '@holdfast/routing';
import { HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askEach, everybody, whoAnswers, whoeverIsThere, type QuestionToAll, type Said } from './ask-everybody.js';
import type { ContextRoute } from './context-routes.js';
import { defineCursor, isUuid } from '../http/input/cursor.js';
import type { EdgeIdentity } from './edge-identity.js';
import { AnswerHeaders } from './headers.js';
import { nobodyAnswers } from './gateway-problems.js';
import { mergedTopology } from './merged-topology.js';
import type { PassThrough } from './pass-through.js';
import { RequestBody } from './request-body.js';

/** What the gateway knows itself, to be put to what the others say. */
export interface OwnKnowledge {
  spans: { trace(traceId: string): SpanView[] };
}

interface Page {
  items: { context?: string; id?: string }[];
  nextCursor?: string | null;
}

/**
 * Answers `/ops/*` for all processes together: with `?context=` by the one that mounts it; a list by everybody's entries;
 * anything else by whoever knows what is named.
 */
export class OperationsRoutes {
  constructor(
    private readonly fleet: Fleet,
    private readonly passThrough: PassThrough,
    private readonly identity: Pick<EdgeIdentity, 'headers'>,
    private readonly own: OwnKnowledge,
  ) {}

  async answer(route: ContextRoute, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { context } = request.query as { context?: string };
    if (typeof context === 'string' && this.fleet.services.includes(context))
      return this.passThrough.forward({ audience: context, open: route.open }, request, reply);
    if (route.path === '/ops/topology') return this.topology(request, reply);
    const isTrace = route.path.endsWith('/traces/:traceId');
    const body = await new RequestBody(request).whole();
    const question = { request, reply, body, identity: this.identity };
    const isList = route.method === 'GET' && !route.path.includes(':');
    if (!isTrace && !isList) return this.first(question);
    const said = await Promise.all(askEach(everybody(this.fleet, isTrace ? 'all' : 'one'), question));
    return isTrace ? this.trace(said, request, reply) : this.list(said, request, reply);
  }

  /** Who lives where, as each tells it, and what is thought of it here; also of who does not answer, or has too much to do to. */
  private async topology(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const question = { request, reply, body: null, identity: this.identity };
    const asked = whoeverIsThere(this.fleet);
    const answers = await Promise.allSettled(askEach(asked, question));
    const answered = answers.flatMap((answer, at) =>
      answer.status === 'fulfilled' && answer.value.status < 500 ? [{ host: asked[at]!.host, said: answer.value }] : [],
    );
    const refusal = answered.find(({ said: { status } }) => status !== 200)?.said;
    if (refusal) return repeat(refusal, reply);
    if (answered.length === 0) throw nobodyAnswers('anything');
    return mergedTopology(this.fleet, new Map(answered.map(({ host, said: { text } }) => [host.url, text])));
  }

  private list(said: readonly Said[], request: FastifyRequest, reply: FastifyReply): unknown {
    const refusal = said.find(({ status }) => status !== 200);
    if (refusal) return repeat(refusal, reply);
    const pages = said.map(({ text }) => JSON.parse(text) as Page);
    if (pages.some(({ nextCursor }) => typeof nextCursor === 'string') || isNewestFirst(request))
      return merged(pages, limitOf(request));
    const order = this.fleet.services;
    const rank = ({ context = '' }: Page['items'][number]) => order.indexOf(context);
    const items = pages.flatMap((page) => page.items).sort((a, b) => rank(a) - rank(b));
    return { ...pages[0], items };
  }

  /**
   * The answer of whoever knows it; a refusal that says more than "never heard of it" comes before that. Whoever is away
   * matters only when nobody there knows it: what one of them did is done.
   */
  private async first(question: QuestionToAll): Promise<unknown> {
    const { asked, away } = whoAnswers(this.fleet, 'one');
    const answers = await Promise.allSettled(askEach(asked, question));
    const said = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
    const known = said.find(({ status }) => status < 300) ?? said.find(({ status }) => status !== 404 && status < 500);
    if (known) return repeat(known, question.reply);
    const doubt = lost.find(isUnknownOutcome);
    if (doubt) throw doubt;
    const failed = said.find(({ status }) => status !== 404);
    if (failed) return repeat(failed, question.reply);
    if (lost.length > 0) throw lost[0]!;
    if (away.length > 0) throw nobodyAnswers(away[0]!);
    return repeat(said[0]!, question.reply);
  }

  private trace(said: readonly Said[], request: FastifyRequest, reply: FastifyReply): unknown {
    const refusal = said.find(({ status }) => status !== 200 && status !== 404);
    if (refusal) return repeat(refusal, reply);
    const { traceId } = request.params as { traceId: string };
    const found = said
      .filter(({ status }) => status === 200)
      .map(({ text }) => JSON.parse(text) as { spans: SpanView[] });
    const spans = [...this.own.spans.trace(traceId), ...found.flatMap((one) => one.spans)];
    if (spans.length === 0) return repeat(said[0]!, reply);
    return { traceId, spans: spans.sort(byStart) };
  }
}

const isNewestFirst = ({ routeOptions }: FastifyRequest) => routeOptions.url === '/ops/audit';

const limitOf = ({ query }: FastifyRequest) => Number((query as { limit?: string }).limit ?? 20);

/** Each page begins with its newest, so the newest of all are among them; the cursor is the id of the last one shown. */
function merged(pages: readonly Page[], limit: number): Page {
  const all = pages.flatMap(({ items }) => items).sort((a, b) => (a.id! < b.id! ? 1 : -1));
  const items = all.slice(0, limit);
  const more = all.length > limit || pages.some(({ nextCursor }) => typeof nextCursor === 'string');
  return { items, nextCursor: more && items.length > 0 ? place.encode({ id: items.at(-1)!.id! }) : null };
}

const place = defineCursor({ id: isUuid });

const byStart = (a: SpanView, b: SpanView) => (a.startedAt < b.startedAt ? -1 : 1);

/** More than "nothing was done": that would be believed. */
const isUnknownOutcome = (error: Error) => !(error instanceof HttpException) || error.getStatus() !== 503;

const repeated = new AnswerHeaders([]);

function repeat({ status, headers, text }: Said, reply: FastifyReply): FastifyReply {
  const pairs = repeated.of(pairsOf(headers), reply.request.id);
  for (let at = 0; at < pairs.length; at += 2) void reply.header(pairs[at]!, pairs[at + 1]);
  return reply.code(status).send(Buffer.from(text));
}
