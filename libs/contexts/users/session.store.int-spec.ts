import { Database, Road } from '@holdfast/data-consistency';
import { migrate } from '@holdfast/database';
import { InProcessConveyor } from '@holdfast/messaging';
import { Users1795132800001 } from '../../../migrations/users/0001-users.js';
import { SessionExpiry1795996800001 } from '../../../migrations/users/0002-session-expiry.js';
import { eventually } from '../../../test/support/eventually.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import { users } from './users.context.js';

const own = ownDatabase('users');

/** Somebody who logged in: what is left of the session, and of the tokens it has had, the newest last. */
async function loggedIn(email: string, session: string, tokens: string[]): Promise<void> {
  await own.pool.query(
    `with who as (insert into user_account (id, email, name, roles) values (gen_random_uuid(), $1, 'Ada', '{}') returning id),
       kept as (insert into session (id, user_id, expires_at)
                select gen_random_uuid(), id, now() + $2::interval from who returning id)
     insert into refresh_token (id, session_id, secret_hash, expires_at)
     select gen_random_uuid(), id, 'hash', now() + left_over::interval from kept, unnest($3::text[]) left_over`,
    [email, session, tokens],
  );
}

const kept = async () =>
  (
    await own.pool.query<{ email: string; tokens: number }>(
      `select email, count(refresh_token)::int as tokens
       from session join user_account on user_account.id = user_id left join refresh_token on session_id = session.id
       group by 1 order by 1`,
    )
  ).rows;

it('sessions and tokens of people who never come back are forgotten, and nobody else’s', async () => {
  await migrate({ adminUrl: own.url, plans: [{ context: 'users', migrations: [Users1795132800001] }] });
  await loggedIn('gone', '-1 s', ['-20 days', '-1 s']);
  await loggedIn('quiet', '1 day', ['-2 days', '1 day']);
  await loggedIn('here', '30 days', ['29 days', '30 days']);
  await migrate({
    adminUrl: own.url,
    plans: [{ context: 'users', migrations: [Users1795132800001, SessionExpiry1795996800001] }],
  });

  const failures: string[] = [];
  const road = new Road({
    context: 'users',
    database: new Database(own.pool),
    conveyor: new InProcessConveyor(),
    projections: [],
    expiring: users.expiring,
    observed: () => {},
    failed: (part, error) => failures.push(`${part}: ${String(error)}`),
  });
  road.start();
  await eventually(async () => (await kept()).length !== 3 || failures.length > 0, {
    what: 'housekeeping came by',
    withinMs: 50_000,
    everyMs: 100,
  });
  await road.releaseLeadership();

  expect(failures).toEqual([]);
  expect(await kept()).toEqual([
    { email: 'here', tokens: 2 },
    { email: 'quiet', tokens: 1 },
  ]);
});
