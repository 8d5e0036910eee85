import { trace, type Tracer } from '@opentelemetry/api';

/** Asking the API for a tracer costs a map look-up per span, so the one in use is remembered here. */
let inUse: Tracer | undefined;

export function useTracer(tracer: Tracer | undefined): void {
  inUse = tracer;
}

export function tracer(): Tracer {
  return inUse ?? trace.getTracer('holdfast');
}
