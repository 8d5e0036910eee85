import type { MessageState } from '@holdfast/data-consistency';
import type { RecentSpans } from '@holdfast/observability';
import { Roles } from '@holdfast/security';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roads } from '../context/roads.js';
import { UuidParam } from '../http/input/params.js';
import { notFound } from '../http/problem/problems.js';
import { ListMessages, OfContext, OneMessage } from './operations.input.js';

export const RECENT_SPANS = Symbol('holdfast:recent-spans');

/** What operators see and do: messages, projections, traces. */
@ApiTags('operations')
@Roles('operator')
@Controller({ path: 'ops', version: VERSION_NEUTRAL })
export class OperationsController {
  constructor(
    private readonly roads: Roads,
    @Inject(RECENT_SPANS) private readonly spans: RecentSpans,
  ) {}

  @Get('backlog')
  async backlog() {
    const items = this.roads.operations().map(async (one) => ({ context: one.context, ...(await one.backlog()) }));
    return { items: await Promise.all(items) };
  }

  @Get('messages')
  async messages(@Query() { context, state, box, limit }: ListMessages) {
    const pages = this.roads.operations(context).map(async (one) => {
      const found =
        box === 'outbox' ? await one.outbox(limit) : await one.messages({ state: state as MessageState, limit });
      return found.map((message) => ({ context: one.context, ...message }));
    });
    return { items: (await Promise.all(pages)).flat(), nextCursor: null };
  }

  @Post('messages/:id/redrive')
  @HttpCode(200)
  redrive(@Param('id', UuidParam) id: string, @Query() which: OneMessage) {
    return this.act(id, which, 'redrive');
  }

  @Post('messages/:id/discard')
  @HttpCode(200)
  discard(@Param('id', UuidParam) id: string, @Query() which: OneMessage) {
    return this.act(id, which, 'discard');
  }

  @Get('projections')
  async projections(@Query() { context }: OfContext) {
    const pages = this.roads.operations(context).map(async (one) => {
      const projections = await one.projections();
      return projections.map((projection) => ({ context: one.context, ...projection }));
    });
    return { items: (await Promise.all(pages)).flat(), nextCursor: null };
  }

  @Post('projections/:name/rebuild')
  @HttpCode(202)
  async rebuild(@Param('name') name: string) {
    const projector = this.roads
      .all()
      .flatMap((road) => road.projectors)
      .find((one) => one.name === name);
    if (!projector) throw notFound({ detail: 'There is no projection with this name.' });
    await projector.rebuild();
    return { name, rebuilding: true };
  }

  @Get('traces/:traceId')
  trace(@Param('traceId') traceId: string) {
    const spans = this.spans.trace(traceId);
    if (spans.length === 0) throw notFound({ detail: 'No recent span has this trace id.' });
    return { traceId, spans };
  }

  private async act(id: string, { context, handler }: OneMessage, what: 'redrive' | 'discard') {
    const acted = await Promise.all(this.roads.operations(context).map((one) => one[what](id, handler)));
    if (!acted.includes(true)) throw notFound({ detail: 'No message with this id is parked.' });
    return { id, outcome: what === 'redrive' ? 'redriven' : 'discarded' };
  }
}
