import type { Message } from '@holdfast/messaging';
import { parentFrom, runWithCorrelation, withSpan } from '@holdfast/observability';
import { runAs } from '@holdfast/security';

interface Surroundings {
  context: string;
  handler: string;
  message: Message;
}

/** Runs a handler as the continuation of what emitted the message: same trace, correlation and principal. */
export function surrounded<R>({ context, handler, message }: Surroundings, work: () => Promise<R>): Promise<R> {
  const attributes = {
    'messaging.system': 'holdfast',
    'messaging.operation.type': 'process',
    'messaging.message.id': message.id,
    'messaging.destination.name': message.type,
    'holdfast.context': context,
    'holdfast.waited_ms': Date.now() - Date.parse(message.dueat ?? message.time),
  };
  const { principal, correlationid, id, traceparent } = message;
  const parent = parentFrom(traceparent);
  const traced = () =>
    withSpan(`${context} ${handler}`, { kind: 'consumer', attributes, ...(parent && { parent }) }, work);
  const correlated = () => runWithCorrelation({ correlationId: correlationid, causationId: id }, traced);
  return principal ? runAs({ id: principal.sub, roles: [...principal.roles] }, correlated) : correlated();
}
