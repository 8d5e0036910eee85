import { Caller, Roles, type Principal } from '@holdfast/security';
import { Controller, Get, HttpCode, Param, Post, Query, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roads } from '../context/roads.js';
import { NotIdempotent } from '../http/once/idempotent.js';
import { notFound } from '../http/problem/problems.js';
import { ListProjections, WithReason } from './operations.input.js';
import { OperatorActs } from './operator-acts.js';

/** What operators see and do: read models, and how far each of their generations has come. */
@ApiTags('operations')
@Roles('operator')
@Controller({ path: 'ops/projections', version: VERSION_NEUTRAL })
export class ProjectionsController {
  constructor(
    private readonly roads: Roads,
    private readonly acts: OperatorActs,
  ) {}

  @Get()
  async list(@Query() { context, checksum }: ListProjections) {
    const pages = this.projectors(context).map(async (one) => {
      const generations = await one.projector.state({ sums: checksum === 'true' });
      return generations.map((generation) => ({ context: one.context, ...generation }));
    });
    return { items: (await Promise.all(pages)).flat(), nextCursor: null };
  }

  /** Accepted: the new rows are read once they have caught up; the list shows how far they are. */
  @Post(':name/rebuild')
  @NotIdempotent('nothing happens while one is under way, and the rows come out the same')
  @HttpCode(202)
  async rebuild(@Param('name') name: string, @Query() { context, reason }: WithReason, @Caller() by: Principal) {
    const found = this.projectors(context).find(({ projector }) => projector.name === name);
    if (!found) throw notFound({ detail: 'There is no projection with this name.' });
    const act = { who: by.id, what: 'rebuild', target: `projection/${name}`, ...(reason && { reason }) };
    await this.acts.record(found.context, act, () => found.projector.rebuild());
    return { name, rebuilding: true };
  }

  private projectors(context?: string) {
    const roads = this.roads.all().filter((road) => !context || road.context === context);
    return roads.flatMap((road) => road.projectors.map((projector) => ({ context: road.context, projector })));
  }
}
