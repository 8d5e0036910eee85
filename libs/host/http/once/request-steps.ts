import type { INestApplicationContext } from '@nestjs/common';
import { ConsistencyStep } from './consistency.js';
import { IdempotencyStep } from './idempotency.js';
import { LocationStep } from './location.js';
import { PrincipalStep } from './principal.js';
import type { RequestStep } from './request-step.js';

/** The steps around every handler, outermost first: the token of a write is known only after it, a replay needs its Location too. */
export function requestSteps(app: INestApplicationContext): readonly RequestStep[] {
  return [new PrincipalStep(), new ConsistencyStep(), new LocationStep(), new IdempotencyStep(app)];
}
