import type { QueryRunner } from 'typeorm';
import { NotesOnPostgres } from '../fixture/notes-on-postgres.js';
import { Idempotency } from '../idempotency/idempotency.js';
import { RoadRequestId1700000000005 } from './road-request-id-migration.js';

/** The table as it was before. */
const BY_TEXT = `
  drop table idempotency;
  create table idempotency (
    principal text not null, route text not null, key text not null, fingerprint text not null, result json not null,
    recorded_at timestamptz not null default clock_timestamp(), expires_at timestamptz not null,
    primary key (principal, route, key));
  create index idempotency_expiry on idempotency (expires_at);
  insert into idempotency values ('ada', 'POST /notes', 'k-1', 'f', '{"n":1}', now(), now() + interval '1 h'),
    ('ada', 'POST /notes', 'k-2', 'g', '{"n":2}', now(), now() - interval '1 h')`;

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterAll(() => notes.drop());

describe('records of requests by one number', () => {
  it('are those kept before by principal, route and key', async () => {
    const query = (sql: string) => notes.admin(`set local role notes_owner; set local search_path to notes; ${sql}`);
    await query(BY_TEXT);
    await new RoadRequestId1700000000005().up({ query } as unknown as QueryRunner);
    const idempotency = new Idempotency(notes.database, 'notes');
    const kept = (key: string) =>
      idempotency.find({ principal: 'ada', route: 'POST /notes', key, fingerprint: '', keepForHours: 1 });
    expect(await kept('k-1')).toEqual({ fingerprint: 'f', result: { n: 1 } });
    expect(await kept('k-2')).toBeUndefined();
    expect(await notes.count('idempotency')).toBe(2);
    expect(await notes.rows(`select from pg_class where relname like 'idempotency_by_text%'`)).toEqual([]);
  });
});
