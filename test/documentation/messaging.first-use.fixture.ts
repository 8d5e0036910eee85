import { InProcessConveyor, Queries, Type, defineEvent, defineQuery, newId, seal } from '@holdfast/messaging';

const ofAccount = Type.Object({ accountId: Type.String() });

// One declaration gives the type, the runtime check and the documents; messages of one account stay in order.
const AccountOpened = defineEvent('accounts.account-opened', 1, ofAccount, { key: 'accountId' });
const Balance = defineQuery('accounts.balance', 1, {
  input: ofAccount,
  output: Type.Object({ amount: Type.Integer() }),
  deadlineMs: 500,
});

// A conveyor moves messages to whoever reads them: to an inbox, unless you keep none (@holdfast/data-consistency).
export const letters: string[] = [];
const conveyor = new InProcessConveyor();
conveyor.connect({
  context: 'letters',
  contracts: [AccountOpened],
  reads: ({ type }) => type === AccountOpened.type,
  ingest: async (messages) => void letters.push(...messages.map(({ subject }) => `Welcome, ${subject}`)),
});
const accountId = newId();
await conveyor.carry([seal(AccountOpened.of({ accountId }), { source: 'accounts', time: new Date() })]);

const queries = new Queries(); // the owner answers, anybody asks
queries.answer(Balance, () => ({ amount: 250 }));
export const { amount } = await queries.ask(Balance, { accountId });
