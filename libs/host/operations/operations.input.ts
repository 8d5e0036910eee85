import { EnumField, TextField } from '../http/input/text-fields.js';
import { LimitField, PageQuery } from '../http/input/page-query.js';

const CONTEXT_NAME = /^[a-z][a-z0-9-]*$/;

export class OfContext {
  @TextField({ optional: true, max: 40, pattern: CONTEXT_NAME, example: 'orders', description: 'only this context' })
  context?: string;
}

export class ListMessages extends OfContext {
  @EnumField(['inbox', 'outbox'], { optional: true, description: 'default inbox' })
  box?: string;

  @EnumField(['parked', 'waiting', 'delayed', 'done'], { optional: true, description: 'of the inbox; default parked' })
  state: string = 'parked';

  @LimitField()
  limit: number = 20;
}

export class ListSagas extends OfContext {
  @EnumField(['running', 'compensating', 'completed', 'compensated'], { optional: true })
  status?: string;

  @EnumField(['true', 'false'], { optional: true, description: 'only those that nobody answers' })
  stuck?: string;

  @LimitField()
  limit: number = 20;
}

export class ForkSaga {
  @TextField({ max: 80, example: 'capture payment', description: 'the step to begin with' })
  step!: string;

  @EnumField(['same', 'newest'], {
    optional: true,
    description: 'version of the definition from there on; default same',
  })
  version: 'same' | 'newest' = 'same';
}

export class ListProjections extends OfContext {
  @EnumField(['true', 'false'], { optional: true, description: 'adds up every row of every generation' })
  checksum?: string;
}

const TARGET = /^[a-z][a-z0-9-]*\/[\w.:-]+$/;
const PRINCIPAL = /^[\w.:-]+$/;

export class AuditQuery extends PageQuery {
  @TextField({ optional: true, max: 40, pattern: CONTEXT_NAME, example: 'orders', description: 'only this context' })
  context?: string;

  @TextField({
    optional: true,
    max: 160,
    pattern: TARGET,
    example: 'order/01890a5d-ac96-774b-bcce-b302099a8057',
    description: 'an event stream or the target of an act; with neither this nor a principal: what operators did',
  })
  stream?: string;

  @TextField({ optional: true, max: 80, pattern: PRINCIPAL, description: 'who asked for it' })
  principal?: string;
}

export class WithReason extends OfContext {
  @TextField({ optional: true, max: 200, description: 'why, for the audit trail' })
  reason?: string;
}

/** A message may wait for several handlers: without a name, the act is for all of them. */
export class OneMessage extends WithReason {
  @TextField({ optional: true, max: 80, pattern: CONTEXT_NAME, example: 'on-reserve-stock' })
  handler?: string;
}
