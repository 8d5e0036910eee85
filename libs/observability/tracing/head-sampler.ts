import { createContextKey, trace, TraceFlags, type Context } from '@opentelemetry/api';
import { SamplingDecision, type Sampler, type SamplingResult } from '@opentelemetry/sdk-trace';

/** Marks a parent that came from outside: its trace id is kept, its wish to be sampled is not. */
export const UNTRUSTED = createContextKey('holdfast:untrusted-parent');

const RECORD: SamplingResult = { decision: SamplingDecision.RECORD_AND_SAMPLED };
const DROP: SamplingResult = { decision: SamplingDecision.NOT_RECORD };

/**
 * Decides once, where a trace enters, and follows that decision everywhere after (W3C sampled flag). An outsider can
 * neither force recording by its flag nor by choosing trace ids: at the edge the dice are our own.
 */
export class HeadSampler implements Sampler {
  /** @param ratio share of traces recorded, 0 to 1 */
  constructor(
    private readonly ratio: number,
    private readonly random: () => number = Math.random,
  ) {}

  shouldSample(context: Context): SamplingResult {
    const parent = trace.getSpanContext(context);
    if (parent && trace.isSpanContextValid(parent) && context.getValue(UNTRUSTED) !== true) {
      return (parent.traceFlags & TraceFlags.SAMPLED) === 0 ? DROP : RECORD;
    }
    return this.random() < this.ratio ? RECORD : DROP;
  }

  toString(): string {
    return `HeadSampler{${this.ratio}}`;
  }
}
