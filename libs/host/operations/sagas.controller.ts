import { InputsForgotten, NoSuchStep, VersionGone, type SagaOperations } from '@holdfast/data-consistency';
import { redact } from '@holdfast/observability';
import { Caller, Roles, type Principal } from '@holdfast/security';
import { Body, Controller, Get, HttpCode, Logger, Param, Post, Query, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roads } from '../context/roads.js';
import { UuidParam } from '../http/input/params.js';
import { NotIdempotent } from '../http/once/idempotent.js';
import { defineProblemType } from '../http/problem/problem-types.js';
import { conflict, notFound, unprocessable } from '../http/problem/problems.js';
import { ForkSaga, ListSagas, WithReason } from './operations.input.js';
import { OperatorActs } from './operator-acts.js';

defineProblemType('saga-not-waiting', {
  status: 409,
  title: 'Nothing to ask again',
  meaning: 'Only a step that must happen is asked for again: one past the point of no return, or an undo.',
});
defineProblemType('saga-not-replayable', {
  status: 422,
  title: 'The saga cannot be replayed from there',
  meaning: 'It never came to the step, its definition is gone, or its messages are older than the inbox remembers.',
});

/** What operators see and do: transactions over several contexts. */
@ApiTags('operations')
@Roles('operator')
@Controller({ path: 'ops/sagas', version: VERSION_NEUTRAL })
export class SagasController {
  private readonly logger = new Logger('Sagas');

  constructor(
    private readonly roads: Roads,
    private readonly acts: OperatorActs,
  ) {}

  @Get()
  async list(@Query() { context, status, stuck, limit }: ListSagas) {
    const pages = this.roads.sagas(context).map(async (one) => {
      const sagas = await one.list({ limit, stuck: stuck === 'true', ...(status !== undefined && { status }) });
      return sagas.map((saga) => ({ context: one.context, ...saga }));
    });
    return { items: (await Promise.all(pages)).flat(), nextCursor: null };
  }

  @Get(':id')
  async one(@Param('id', UuidParam) id: string) {
    return this.first(async (sagas) => {
      const saga = await sagas.find(id);
      return saga && { context: sagas.context, ...saga };
    });
  }

  @Post(':id/resume')
  @NotIdempotent('a saga that waits no more is not resumed again')
  @HttpCode(200)
  async resume(@Param('id', UuidParam) id: string, @Query() { context, reason }: WithReason, @Caller() by: Principal) {
    const resumed = await this.first(async (sagas) => {
      if (!(await sagas.find(id))) return undefined;
      const act = { who: by.id, what: 'resume', target: `saga/${id}`, ...(reason !== undefined && { reason }) };
      return this.acts.record(sagas.context, act, async () => (await sagas.resume(id)) === 'resumed' && 'resumed');
    }, context);
    if (!resumed) {
      throw conflict({ type: 'saga-not-waiting', detail: 'This saga waits for nothing that is asked for again.' });
    }
    this.logger.log({ msg: 'saga resumed by an operator', sagaId: id, operatorId: by.id });
    return { id, outcome: 'resumed' };
  }

  /** In memory only: nothing is written, nothing is sent. Private fields are left out of the answer. */
  @Post(':id/fork')
  @NotIdempotent('it changes nothing')
  @HttpCode(200)
  async fork(@Param('id', UuidParam) id: string, @Body() { step, version }: ForkSaga) {
    const forked = await this.first((sagas) => sagas.fork(id, step, version)).catch(explained);
    return redact({ id, ...forked });
  }

  /** The answer of the one context that knows the saga; of the one named, or of none. */
  private async first<Answer>(
    ask: (sagas: SagaOperations) => Promise<Answer | undefined>,
    context?: string,
  ): Promise<Answer> {
    for (const sagas of this.roads.sagas(context)) {
      const answer = await ask(sagas);
      if (answer !== undefined) return answer;
    }
    throw notFound({ detail: 'There is no saga with this id.' });
  }
}

function explained(error: unknown): never {
  const known = [NoSuchStep, VersionGone, InputsForgotten].some((type) => error instanceof type);
  if (!known) throw error;
  throw unprocessable({ type: 'saga-not-replayable', field: 'step', detail: (error as Error).message });
}
