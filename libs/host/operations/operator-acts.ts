import { AuditTrail, type OperatorAct } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import { Roads } from '../context/roads.js';

/** Keeps account of what operators do by hand: each act in the context it is done to. */
@Injectable()
export class OperatorActs {
  constructor(private readonly roads: Roads) {}

  /** The trails of all contexts in this process, or of the one named. */
  trails(context?: string): { context: string; trail: AuditTrail }[] {
    return this.roads
      .all()
      .filter((road) => !context || road.context === context)
      .map((road) => ({ context: road.context, trail: new AuditTrail(road.database) }));
  }

  /** Records the act, does it, and records what came of it; `false` stands for nothing to do. */
  async record<R>(context: string, what: OperatorAct, act: () => Promise<R>): Promise<R> {
    const [own] = this.trails(context);
    if (!own) throw new Error(`No context ${context} is mounted here`);
    return own.trail.record(what, act);
  }
}
