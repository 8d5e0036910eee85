import { Operations, Road, SagaOperations } from '@holdfast/data-consistency';
import { Injectable, type Type } from '@nestjs/common';
import type { Context } from './context.js';

interface Mounted {
  context: Context;
  road: Road;
  operations: Operations;
  sagas: SagaOperations;
}

/** The roads of all contexts in this process. */
@Injectable()
export class Roads {
  private readonly mounted: Mounted[] = [];
  private readonly byController = new Map<Type, Road>();

  add(mounted: Mounted): void {
    this.mounted.push(mounted);
    for (const controller of mounted.context.controllers) this.byController.set(controller, mounted.road);
  }

  /** The road of the context that a controller belongs to. */
  of(controller: Type): Road {
    const road = this.byController.get(controller);
    if (!road) throw new Error(`${controller.name} belongs to no context`);
    return road;
  }

  all(): readonly Road[] {
    return this.mounted.map(({ road }) => road);
  }

  /** What operators may do, by context; all of them, or the one named. */
  operations(context?: string): readonly Operations[] {
    return this.mounted
      .filter((entry) => !context || entry.context.name === context)
      .map(({ operations }) => operations);
  }

  /** The sagas of every context that has some; of all, or the one named. */
  sagas(context?: string): readonly SagaOperations[] {
    return this.mounted
      .filter((entry) => entry.context.sagas.length > 0 && (!context || entry.context.name === context))
      .map(({ sagas }) => sagas);
  }

  /** Resolves when nothing waits on any road, for as long as `withinMs`; false when something still does. */
  async quiet(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (performance.now() < deadline) {
      const backlogs = await Promise.all(this.mounted.map(({ operations }) => operations.backlog()));
      if (backlogs.every(({ outbox, inbox }) => outbox === 0 && inbox === 0)) return true;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return false;
  }
}
