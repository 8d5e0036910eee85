import type { MessageState, Road } from '@holdfast/data-consistency';
import type { RecentSpans } from '@holdfast/observability';
import { Caller, Roles, type Principal } from '@holdfast/security';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roads } from '../context/roads.js';
import { UuidParam } from '../http/input/params.js';
import { NotIdempotent } from '../http/once/idempotent.js';
import { notFound } from '../http/problem/problems.js';
import { ListMessages, OneMessage } from './operations.input.js';
import { OperatorActs } from './operator-acts.js';

export const RECENT_SPANS = Symbol('holdfast:recent-spans');

/** What operators see and do: messages, traces. */
@ApiTags('operations')
@Roles('operator')
@Controller({ path: 'ops', version: VERSION_NEUTRAL })
export class OperationsController {
  constructor(
    private readonly roads: Roads,
    private readonly acts: OperatorActs,
    @Inject(RECENT_SPANS) private readonly spans: RecentSpans,
  ) {}

  @Get('backlog')
  async backlog() {
    const items = this.roads.all().map(async (road) => {
      const [operations] = this.roads.operations(road.context);
      const [backlog, incoming] = await Promise.all([operations!.backlog(), incomingOf(road)]);
      return { context: road.context, ...backlog, incoming };
    });
    return { items: await Promise.all(items) };
  }

  /** Whose open transaction keeps messages and read models from going on. */
  @Get('horizon')
  async horizon() {
    const items = this.roads.operations().map(async (one) => {
      const { waitingSeconds, holder = null } = await one.horizon();
      return { context: one.context, waitingSeconds, holder };
    });
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
  @NotIdempotent('a message that is parked no more is not redriven again')
  @HttpCode(200)
  redrive(@Param('id', UuidParam) id: string, @Query() which: OneMessage, @Caller() by: Principal) {
    return this.act(id, which, { what: 'redrive', by });
  }

  @Post('messages/:id/discard')
  @NotIdempotent('a message that is parked no more is not discarded again')
  @HttpCode(200)
  discard(@Param('id', UuidParam) id: string, @Query() which: OneMessage, @Caller() by: Principal) {
    return this.act(id, which, { what: 'discard', by });
  }

  @Get('traces/:traceId')
  trace(@Param('traceId') traceId: string) {
    const spans = this.spans.trace(traceId);
    if (spans.length === 0) throw notFound({ detail: 'No recent span has this trace id.' });
    return { traceId, spans };
  }

  private async act(id: string, { context, handler, reason }: OneMessage, { what, by }: Act) {
    const act = { who: by.id, what, target: `message/${id}`, ...(reason !== undefined && { reason }) };
    const acted = this.roads.operations(context).map(async (one) => {
      if (!(await one.isParked(id, handler))) return false;
      return this.acts.record(one.context, act, () => one[what](id, handler));
    });
    if (!(await Promise.all(acted)).includes(true)) throw notFound({ detail: 'No message with this id is parked.' });
    return { id, outcome: what === 'redrive' ? 'redriven' : 'discarded' };
  }
}

/** How many messages a broker holds for this context; null when it does not say. */
async function incomingOf(road: Road): Promise<number | null> {
  try {
    return Object.values(await road.incoming()).reduce((sum, count) => sum + count, 0);
  } catch {
    return null;
  }
}

interface Act {
  what: 'redrive' | 'discard';
  by: Principal;
}
