import { newId } from '@holdfast/messaging';
import { NoteWritten, NotesOnPostgres, recorder, until, written } from '../fixture/notes-on-postgres.js';
import { Housekeeping, type ExpiringTable, type HousekeepingOptions } from './housekeeping.js';
import { Operations } from './operations.js';

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterAll(() => notes.drop());

function housekeeper(options: Partial<HousekeepingOptions>): Housekeeping {
  const failed = (error: unknown) => void notes.failures.push(String(error));
  return new Housekeeping({ database: notes.database, failed, ...options });
}

async function tidy(isTidy = async () => true, expiring: ExpiringTable[] = []): Promise<void> {
  await notes.rows(`insert into idempotency values (gen_random_uuid(), 'expired', '{}', now() - interval '1 s')`);
  const housekeeping = housekeeper({ expiring, firstAfterMs: 0 });
  housekeeping.lead();
  await until(
    'the round is over',
    async () => (await notes.count(`idempotency where expires_at < clock_timestamp()`)) === 0 && (await isTidy()),
  );
  await housekeeping.stepDown();
}

const partitions = async () =>
  (
    await notes.rows<{ name: string }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'outbox'::regclass order by 1`,
    )
  ).map(({ name }) => name);
const day = (offset: number) =>
  new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');

async function pastPartition(offset: number, xid: string): Promise<string> {
  const name = `outbox_${day(offset)}`;
  const at = (plus: number) => new Date(Math.floor(Date.now() / 86_400_000 + offset + plus) * 86_400_000).toISOString();
  await notes.admin(`set local role notes_owner; set local search_path = notes; create table ${name} partition of outbox for values from ('${at(0)}') to ('${at(1)}');
    insert into outbox (xid, recorded_at, message_id, type, key, envelope) values ('${xid}', '${at(0)}', gen_random_uuid(), 't', 'k', '{}')`);
  return name;
}

describe('housekeeping', () => {
  it('has a partition for today before the first message, and for the days ahead', async () => {
    await notes.work.run((tx) => tx.emit(NoteWritten, { note: 'a', n: 1 }));
    expect(await partitions()).toEqual(expect.arrayContaining([0, 1, 2].map((offset) => `outbox_${day(offset)}`)));
    expect(await notes.count(`outbox where tableoid = 'outbox_default'::regclass`)).toBe(0);
  });

  it('makes those at once when it begins, and leaves the rest for later', async () => {
    const last = `outbox_${day(2)}`;
    await notes.admin(`drop table notes.${last}`);
    await notes.rows(`insert into idempotency values (gen_random_uuid(), 'expired', '{}', now() - interval '1 s')`);
    const housekeeping = housekeeper({ firstAfterMs: 3_600_000 });
    housekeeping.lead();
    await until('it is there again', async () => (await partitions()).includes(last));
    await housekeeping.stepDown();
    expect(await notes.count('idempotency')).toBe(1);
  });

  /** Where the relay stood some days ago, as a round of that day has noted it. */
  const stoodThen = (daysAgo: number, xid: string) =>
    notes.admin(`insert into notes.outbox_carried values ((now() at time zone 'utc')::date - ${daysAgo}, '${xid}', 0)`);

  it('drops old partitions, but only when all of it was carried as long ago', async () => {
    await notes.rows(`update relay_cursor set xid = '3000', position = 0`); // by now all is
    const [carried, waiting, recent] = [
      await pastPartition(-9, '999'),
      await pastPartition(-10, '1001'),
      await pastPartition(-3, '999'),
    ];
    await tidy();
    expect(await partitions()).toEqual(expect.arrayContaining([carried, waiting, recent]));
    await stoodThen(7, '2000'); // not a whole week yet
    await stoodThen(8, '1000');
    await notes.rows(`update relay_cursor set xid = '0'`); // another kind of conveyor carries all of it again
    await tidy();
    expect(await partitions()).toContain(carried);
    await notes.rows(`update relay_cursor set xid = '3000'`);
    await tidy();
    const left = await partitions();
    expect(left).not.toContain(carried);
    expect(left).toEqual(expect.arrayContaining([waiting, recent]));
    await notes.admin(`update notes.outbox_carried set xid = '1002' where xid = '1000'`);
    await tidy();
    await until('it is dropped too', async () => !(await partitions()).includes(waiting));
  });

  it('empties the default partition by the same rule', async () => {
    const insert = (age: number, xid: number, key: string) =>
      notes.admin(
        `insert into notes.outbox (xid, recorded_at, message_id, type, key, envelope) values ('${xid}', now() - interval '${age} days', gen_random_uuid(), 't', '${key}', '{}')`,
      );
    await insert(20, 1, 'old');
    await insert(20, 1, 'old, too');
    await insert(20, 1_003, 'old but waiting');
    await insert(4, 1, 'young');
    const forget = () => notes.rows(`select road_forget_outbox(7, 1) as forgotten`);
    expect([await forget(), await forget(), await forget()]).toEqual([1, 1, 0].map((forgotten) => [{ forgotten }]));
    expect(
      await notes.rows(
        `select key from outbox where recorded_at < now() - interval '3 days' and key <> 'k' order by key`,
      ),
    ).toEqual([{ key: 'old but waiting' }, { key: 'young' }]);
  });

  it("forgets the context's own expired rows, batch by batch, but none that somebody holds", async () => {
    await notes.admin(`
      set role notes_owner; set search_path = notes;
      create table pass (holder text primary key, valid_until timestamptz not null);
      create index pass_expiry on pass (valid_until);
      insert into pass select 'expired ' || n, now() - interval '1 s' from generate_series(1, 10500) n;
      insert into pass values ('held', now() - interval '1 s'), ('valid', now() + interval '1 h')`);
    const expiring = [{ table: 'pass', column: 'valid_until' }];
    await notes.database.transaction(async (somebody) => {
      await somebody.query(`select from pass where holder = 'held' for update`);
      await tidy(async () => (await notes.count(`pass where holder like 'expired%'`)) === 0, expiring);
    });
    expect((await notes.rows('select holder from pass order by 1')).map(({ holder }) => holder)).toEqual([
      'held',
      'valid',
    ]);
    await tidy(async () => (await notes.count('pass')) === 1, expiring);
    expect(await notes.rows('select holder from pass')).toEqual([{ holder: 'valid' }]);
    expect(notes.failures).toEqual([]);
  });

  it('forgets finished messages and expired records, and nothing else', async () => {
    const add = (handler: string, done: string, parked = 'null') =>
      notes.rows(`insert into inbox (message_id, handler, lane, type, source, position, envelope, done_at, parked_at)
                  values (gen_random_uuid(), '${handler}', 'l', 't', 's', 1, '{}', ${done}, ${parked})`);
    await add('old', `now() - interval '31 days'`);
    await add('recent', `now() - interval '29 days'`);
    await add('parked', 'null', `now() - interval '90 days'`);
    await notes.rows(
      `insert into idempotency values (gen_random_uuid(), 'old', '{}', now() - interval '1 s'), (gen_random_uuid(), 'new', '{}', now() + interval '1 h')`,
    );
    await tidy();
    expect((await notes.rows('select handler from inbox order by handler')).map(({ handler }) => handler)).toEqual([
      'parked',
      'recent',
    ]);
    expect(await notes.rows('select fingerprint from idempotency')).toEqual([{ fingerprint: 'new' }]);
    expect(notes.failures).toEqual([]);
  });
});

describe('what is over', () => {
  const saga = (id: string, status: string, days: number) =>
    notes.admin(
      `insert into notes.saga (type, id, definition_version, status, step, state, asks, timer_id, version, updated_at)
       values ('trip', '${id}', 1, '${status}', 1, '{}', 0, gen_random_uuid(), 1, now() - interval '${days} days')`,
    );
  const line = (id: string) =>
    notes.admin(
      `insert into notes.saga_timeline (type, id, version, ordinal, what) select 'trip', '${id}', 1, n, 'asked' from generate_series(1, 3) n`,
    );
  const idsIn = async (table: string) =>
    (await notes.rows<{ id: string }>(`select distinct id from ${table} order by id`)).map(({ id }) => id);

  it('finished sagas leave after 90 days with their timelines, unfinished ones never', async () => {
    for (const [id, status, days] of [
      ['completed long ago', 'completed', 91],
      ['compensated long ago', 'compensated', 91],
      ['completed lately', 'completed', 89],
      ['still running', 'running', 400],
      ['still compensating', 'compensating', 400],
    ] as const) {
      await saga(id, status, days);
      await line(id);
    }
    await notes.admin(`insert into notes.saga select type, 'many ' || n, definition_version, status, step, state, reason, asks, stuck_at,
                         gen_random_uuid(), version, started_at, updated_at from notes.saga, generate_series(1, 1200) n
                       where id = 'completed long ago'`); // more than one batch
    await tidy(async () => (await notes.count(`saga where id like '%long ago' or id like 'many%'`)) === 0);
    const left = ['completed lately', 'still compensating', 'still running'];
    expect(await idsIn('saga')).toEqual(left);
    expect(await idsIn('saga_timeline')).toEqual(left);
    expect(notes.failures).toEqual([]);
  });

  it('the app role can forget sagas by that rule only: a timeline is not its own to delete', async () => {
    await expect(notes.rows('delete from saga_timeline')).rejects.toThrow(/permission denied/);
  });

  it('snapshots of an older version leave after 30 days, the newest version of a type stays whatever its age', async () => {
    const snapshot = (type: string, id: string, version: number, days: number) =>
      notes.admin(
        `insert into notes.snapshot (stream_type, stream_id, snapshot_version, version, state, recorded_at, taken_at)
         values ('${type}', '${id}', ${version}, 9, '{}', now(), now() - interval '${days} days')`,
      );
    await snapshot('account', 'outdated', 1, 31);
    await snapshot('account', 'outdated lately', 1, 29);
    await snapshot('account', 'current', 2, 300);
    await snapshot('journey', 'only version', 1, 300);
    await snapshot('journey', 'outdated too', 0, 300);
    await tidy(async () => (await notes.count(`snapshot where stream_id in ('outdated', 'outdated too')`)) === 0);
    const left = await notes.rows<{ stream_id: string }>('select stream_id from snapshot order by stream_id');
    expect(left.map(({ stream_id: id }) => id)).toEqual(['current', 'only version', 'outdated lately']);
    expect(notes.failures).toEqual([]);
  });
});

it('operators see what waits, and nothing of its content', async () => {
  await notes.admin('truncate notes.inbox, notes.outbox');
  const operations = new Operations('notes', notes.database, () => {});
  const note = newId();
  notes.road([
    recorder(
      'seen',
      ({ n }) => {
        if (n === 1) throw new Error('broken');
      },
      { maxAttempts: 1 },
    ),
  ]);
  const messages = [
    written(note, 1, { text: 'confidential' }),
    written(note, 2),
    written(newId(), 3),
    written(note, 4, { dueAt: new Date(Date.now() + 3_600_000) }),
  ];
  await notes.conveyor.carry(messages);
  await until(
    'one is handled, one parked',
    async () => (await notes.count('inbox where parked_at is not null or done_at is not null')) === 2,
  );
  await notes.stopRoads();
  expect(await operations.backlog()).toMatchObject({
    inbox: 1,
    delayed: 1,
    parked: 1,
    inboxSeconds: expect.any(Number),
  });
  for (const [index, state] of (['parked', 'waiting', 'done', 'delayed'] as const).entries()) {
    const [one, ...more] = await operations.messages({ state, limit: 10 });
    expect(one).toMatchObject({ messageId: messages[index]!.id, state, handler: 'seen', source: 'notes' });
    expect(more).toEqual([]);
    expect(JSON.stringify(one)).not.toContain('confidential');
  }
  await notes.rows(`update relay_cursor set xid = '0', position = 0`);
  await notes.work.run((tx) => tx.emit(NoteWritten, { note, n: 9, text: 'confidential' }));
  const [told] = await operations.outbox(1);
  expect(told).toMatchObject({ key: note, carried: false });
  expect(JSON.stringify(told)).not.toContain('confidential');
});
