import { newId } from '@holdfast/messaging';
import { runAs } from '@holdfast/security';
import { Database } from '../database/database.js';
import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { AuditTrail } from './audit-trail.js';
import { defineStream } from './stream.js';

type Fact = { type: 'added'; data: { n: number } };
const stream = defineStream<Fact, number>('note', { initial: 0, evolve: (state) => state + 1 });
const added: Fact = { type: 'added', data: { n: 4711 } };

let notes: NotesOnPostgres;
let trail: AuditTrail;
beforeAll(async () => {
  notes = await NotesOnPostgres.create();
  trail = new AuditTrail(notes.database);
});
afterAll(() => notes.drop());

const appendAs = (who: string, id: string, version: number) =>
  runAs({ id: who, roles: [] }, () => notes.work.run((tx) => tx.append(stream, id, version, [added])));
const act = (who: string, target: string, reason?: string) => ({
  who,
  what: 'mend',
  target,
  ...(reason && { reason }),
});

describe('the audit trail', () => {
  it('tells who did what to a stream, newest first, without the data', async () => {
    const [id, ada, bob] = [newId(), newId(), newId()];
    await appendAs(ada, id, 0);
    await notes.work.run((tx) => tx.append(stream, id, 1, [added]));
    await trail.record(act(bob, `note/${id}`, 'it was torn'), async () => true);
    await appendAs(ada, newId(), 0);
    const entries = await trail.entries({ target: `note/${id}`, limit: 10 });
    expect(entries).toMatchObject([
      { kind: 'operator', who: bob, what: 'mend', target: `note/${id}`, outcome: 'done', reason: 'it was torn' },
      { kind: 'fact', who: null, what: 'added', version: 2, outcome: null },
      { kind: 'fact', who: ada, what: 'added', target: `note/${id}`, version: 1 },
    ]);
    expect(JSON.stringify(entries)).not.toContain('4711');
    expect(await trail.entries({ target: `note/${id}`, who: ada, limit: 10 })).toHaveLength(1);
  });

  it('tells what a principal did, page by page', async () => {
    const eve = newId();
    for (let n = 0; n < 7; n++) {
      if (n % 3 === 2) await trail.record(act(eve, `note/${n}`), async () => true);
      else await appendAs(eve, newId(), 0);
    }
    const all = await trail.entries({ who: eve, limit: 100 });
    expect(all.map(({ kind }) => kind)).toEqual(['fact', 'operator', 'fact', 'fact', 'operator', 'fact', 'fact']);
    const paged: string[] = [];
    for (let before: string | undefined; ; before = paged.at(-1)) {
      const page = await trail.entries({ who: eve, limit: 2, ...(before && { before }) });
      paged.push(...page.map(({ id }) => id));
      if (page.length < 2) break;
    }
    expect(paged).toEqual(all.map(({ id }) => id));
  });

  it('keeps what came of an act, and that it was asked for when nobody knows what came of it', async () => {
    const [who, cut] = [newId(), Promise.withResolvers<boolean>()];
    expect(await trail.record(act(who, 'note/1'), async () => false)).toBe(false);
    await expect(trail.record(act(who, 'note/2'), () => Promise.reject(new Error('no glue')))).rejects.toThrow(
      'no glue',
    );
    const hanging = trail.record(act(who, 'note/3'), async () => cut.promise);
    const outcomes = async () =>
      (await trail.entries({ who, limit: 9 })).map(({ target, outcome }) => [target, outcome]);
    const known = [
      ['note/2', 'failed'],
      ['note/1', 'nothing-to-do'],
    ];
    await until('it is asked for', async () => (await outcomes()).length === 3);
    expect(await outcomes()).toEqual([['note/3', null], ...known]);
    cut.resolve(true);
    await hanging;
    expect(await outcomes()).toEqual([['note/3', 'done'], ...known]);
    expect((await trail.entries({ limit: 3 })).map(({ target }) => target)).toEqual(['note/3', 'note/2', 'note/1']);
  });

  it('never says that what was done has failed, only because that could not be written down at once', async () => {
    const who = newId();
    let writes = 0;
    const write = notes.database.read.bind(notes.database);
    const flaky = new Database(notes.database.pool);
    flaky.read = (text, values) =>
      (writes += 1) === 2 ? Promise.reject(new Error('the link is down')) : write(text, values);
    await expect(new AuditTrail(flaky).record(act(who, 'note/1'), async () => true)).rejects.toThrow('link is down');
    expect(await trail.entries({ who, limit: 9 })).toMatchObject([{ target: 'note/1', outcome: null }]);
  });

  it('does nothing that cannot be recorded', async () => {
    let done = false;
    const nobody = { who: null as unknown as string, what: 'mend', target: 'note/1' };
    await expect(trail.record(nobody, async () => (done = true))).rejects.toThrow(/null value/);
    expect(done).toBe(false);
  });

  it.each(['event', 'operator_action'])('cannot be rewritten by the role of the application: %s', async (table) => {
    await trail.record(act(newId(), 'note/1'), async () => true);
    for (const change of [`update ${table} set what = 'x'`, `delete from ${table}`, `truncate ${table}`]) {
      await expect(notes.rows(change.replace('set what', table === 'event' ? 'set type' : 'set what'))).rejects.toThrow(
        /permission denied/,
      );
    }
  });

  it('is read by an index, however long it is', async () => {
    await notes.admin(
      `insert into notes.event (stream_type, stream_id, version, event_id, type, schema_version, data, metadata)
       select 'bulk', n::text, 1, gen_random_uuid(), 't', 1, '{}', json_build_object('by', n % 5000) from generate_series(1, 50000) n`,
    );
    await notes.admin('analyze notes.event');
    const explained = await notes.rows<{ 'QUERY PLAN': string }>(
      `explain select event_id from event where event_id < $1 and metadata ->> 'by' = $2 order by event_id desc limit 20`,
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      '77',
    );
    expect(explained.map((row) => row['QUERY PLAN']).join('\n')).toContain('event_by_principal');
  });
});
