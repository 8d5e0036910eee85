import v8 from 'node:v8';
import vm from 'node:vm';
import { envelopeOf, orderOf } from '../orders/order.mjs';

/** Rows per INSERT: the role's statement_timeout is 5 s, also on a machine with other work to do. */
const AT_ONCE = 2_000;

/**
 * Puts messages into an outbox, and leaves no garbage to whoever empties it.
 *
 * @param {(messages: object[]) => Promise<unknown>} options.insert
 * @param {() => string} options.newId
 * @returns {Promise<string[]>} their ids
 */
export async function fillOutbox({ rows, newId, insert }) {
  const ids = [];
  while (ids.length < rows) {
    const batch = messages(Math.min(AT_ONCE, rows - ids.length), newId);
    await insert(batch);
    for (const { id } of batch) ids.push(id);
  }
  collectGarbage();
  return ids;
}

function messages(count, newId) {
  return Array.from({ length: count }, () => {
    const id = newId();
    return envelopeOf(id, orderOf(newId()));
  });
}

function collectGarbage() {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
}

/** What a stream holds must be what was written: as many, in the order of the outbox. */
export async function orderInStream({ js, stream, expected }) {
  const consumer = await js.consumers.get(stream);
  const ids = [];
  for await (const message of await consumer.consume({ max_messages: 5_000 })) {
    ids.push(message.json().id);
    if (message.info.pending === 0) break;
  }
  const missing = Math.max(0, expected.length - ids.length);
  return missing + ids.filter((id, index) => id !== expected[index]).length;
}
