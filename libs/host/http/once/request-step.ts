import type { ExecutionContext } from '@nestjs/common';

/** Something done around a handler: before it, after it, or instead of it. */
export interface RequestStep {
  around(context: ExecutionContext, next: () => Promise<unknown>): Promise<unknown>;
}
