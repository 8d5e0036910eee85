/** What we ask of a provider. Each has one key, derived from our own ids, and keeps it through every repetition. */
export type Operation =
  | { kind: 'authorise' | 'capture' | 'void'; paymentId: string }
  | { kind: 'refund'; paymentId: string; refundId: string };

export function providerKey(operation: Operation): string {
  const { kind, paymentId } = operation;
  return operation.kind === 'refund' ? `${paymentId}.refund.${operation.refundId}` : `${paymentId}.${kind}`;
}

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const KEY = new RegExp(`^(${ID})\\.(?:(authorise|capture|void)|refund\\.(${ID}))$`);

/** The operation behind a key, or undefined when the key is none of ours. */
export function operationOf(key: string): Operation | undefined {
  const [, paymentId, kind, refundId] = KEY.exec(key) ?? [];
  if (paymentId === undefined) return undefined;
  if (refundId !== undefined) return { kind: 'refund', paymentId, refundId };
  return { kind: kind as 'authorise' | 'capture' | 'void', paymentId };
}
