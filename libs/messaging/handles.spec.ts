import { Type, Uuid } from './building-blocks.js';
import { defineCommand } from './contract.js';
import { Answers, Handles, answerersOf, handlersOf } from './handles.js';
import { defineQuery } from './query.js';

const id = Type.Object({ id: Uuid });
const Close = defineCommand('accounts.close-account', 1, id, { key: 'id' });
const Freeze = defineCommand('accounts.freeze-account', 1, id, { key: 'id' });
const Balance = defineQuery('accounts.balance', 1, { input: id, output: id });

class OnClosing {
  @Handles(Close)
  close(): void {}

  @Handles(Freeze, { name: 'freezer', lane: 'freezing', maxAttempts: 3, backoffMs: [5] })
  freeze(): void {}

  @Answers(Balance)
  balance(): void {}
}

class Heir extends OnClosing {}

describe('handler and answerer metadata', () => {
  it('names a handler after its class unless told otherwise, and keeps its options', () => {
    expect(handlersOf(OnClosing)).toEqual([
      { contract: Close, method: 'close', name: 'on-closing' },
      { contract: Freeze, method: 'freeze', name: 'freezer', lane: 'freezing', maxAttempts: 3, backoffMs: [5] },
    ]);
  });

  it('finds answerers', () => expect(answerersOf(OnClosing)).toEqual([{ query: Balance, method: 'balance' }]));

  it('is a class’s own: an heir would handle everything twice', () => {
    expect(handlersOf(Heir)).toEqual([]);
    expect(answerersOf(Heir)).toEqual([]);
  });
});
