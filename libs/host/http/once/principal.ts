import { runAs, type Principal } from '@holdfast/security';
import type { Around, RequestStep } from './request-step.js';

/** Carries the caller into the handler, so that `currentPrincipal()` works below it. */
export class PrincipalStep implements RequestStep {
  around(): Around {
    return ({ request }, next) => runAs((request as { user?: Principal }).user, next);
  }
}
