import type { InstanceState, ListedInstance } from '../discovery/registry.js';
import type { AnswerHandler } from '../lines/answer-handler.js';
import type { Host, PassedRequest } from './host.js';
import { OutlierRecord, type OutlierSettings } from './outlier.js';

/** What the balancer thinks of a replica, for people and metrics. */
export type ReplicaState = 'ready' | 'unknown' | 'unready' | 'away' | 'ejected' | 'draining' | 'silent';

/**
 * How a call to a replica ended. `failed`: it got the request and there is no answer, or only 502 or 504. `refused`: it
 * never got it. `neutral` says nothing about the replica: the client went away, or it asked to come back later.
 */
export type CallOutcome = 'answered' | 'failed' | 'refused' | 'neutral';

/** A host in its role for one service: what the registry says of it, and how its answers were. */
export class Replica {
  readonly outliers: OutlierRecord;

  constructor(
    readonly service: string,
    readonly host: Host,
    public instance: ListedInstance,
    settings: OutlierSettings,
  ) {
    this.outliers = new OutlierRecord(settings);
  }

  get url(): string {
    return this.host.url;
  }

  get inFlight(): number {
    return this.host.inFlight;
  }

  get listed(): InstanceState {
    return this.instance.state;
  }

  /** @param now milliseconds, monotonic */
  stateAt(now: number): ReplicaState {
    if (this.listed !== 'up') return this.listed;
    const { health } = this.host;
    return this.host.usable && this.outliers.ejectedAt(now) ? 'ejected' : health;
  }

  healthyAt(now: number): boolean {
    return this.listed === 'up' && this.host.usable && !this.outliers.ejectedAt(now);
  }

  dispatch(request: PassedRequest, handler: AnswerHandler): void {
    this.host.dispatch(request, handler);
  }
}
