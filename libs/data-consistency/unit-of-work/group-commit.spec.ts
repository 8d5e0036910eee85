import type { Pool } from 'pg';
import { Database } from '../database/database.js';
import { GroupCommit } from './group-commit.js';
import { defineWrite } from './write.js';

const add = defineWrite<{ id: string; amount: number }>(
  'notes.add',
  { id: 'text', amount: 'int' },
  `update account set balance = balance + rows.amount from rows where account.id = rows.id`,
);

/** What a group of three comes to when its statement fails so, and every one after it succeeds. */
async function outcomesAfter(failure: {
  code: string;
  severity?: string;
}): Promise<{ sent: number; settled: string[] }> {
  let sent = 0;
  const query = () => {
    sent += 1;
    return sent === 1
      ? Promise.reject(Object.assign(new Error('no'), failure))
      : Promise.resolve({ rows: [{ xid: '1' }] });
  };
  const commits = new GroupCommit({ database: new Database({ query } as unknown as Pool) });
  const units = [1, 2, 3].map((amount) => commits.commit(new Map([[add, [{ id: `a${amount}`, amount }]]])));
  const settled = (await Promise.allSettled(units)).map(({ status }) => status);
  return { sent, settled };
}

describe('a group', () => {
  it.each(['23505', 'HF409', '40001', '22P02'])('that was refused with %s is sent unit by unit', async (code) => {
    expect(await outcomesAfter({ code, severity: 'ERROR' })).toEqual({ sent: 4, settled: Array(3).fill('fulfilled') });
  });

  it.each([
    ['ECONNRESET', undefined],
    ['ENETUNREACH', undefined],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', undefined],
    ['57P01', 'FATAL'],
    ['XX000', 'PANIC'],
  ])('that ended with %s may have been committed, and is not sent again', async (code, severity) => {
    const rejected = { sent: 1, settled: Array(3).fill('rejected') };
    expect(await outcomesAfter({ code, ...(severity && { severity }) })).toEqual(rejected);
  });
});
