import { envelopeOf, orderOf } from '../orders/order.mjs';

/** As many messages as asked for, with ids from `newId`. */
export function messages(count, newId) {
  return Array.from({ length: count }, () => {
    const id = newId();
    return envelopeOf(id, orderOf(newId()));
  });
}

/** What a stream holds must be what was written: as many, in the order of the outbox. */
export async function orderInStream({ js, stream, expected }) {
  const consumer = await js.consumers.get(stream);
  const ids = [];
  for await (const message of await consumer.consume({ max_messages: 5_000 })) {
    ids.push(message.json().id);
    if (ids.length >= expected.length || message.info.pending === 0) break;
  }
  return ids.filter((id, index) => id !== expected[index]).length;
}
