import { loadConfig } from '@holdfast/configuration';
import { Database, Idempotency, UnitOfWork } from '@holdfast/data-consistency';
import { roleUrl } from '@holdfast/database';
import { EdgeTokens, tokenConfig } from '@holdfast/host';
import { Passwords, SessionEnds } from '@holdfast/security';
import { DataSource } from 'typeorm';
import { Users1795132800001 } from '../../../migrations/users/0001-users.js';
import { SessionExpiry1795996800001 } from '../../../migrations/users/0002-session-expiry.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import { AccessTokens } from './access-tokens.js';
import { GetMe, GetMeHandler } from './get-me/get-me.js';
import { IssuedTokens } from './issued-tokens.js';
import { LogIn, LogInHandler } from './log-in/log-in.js';
import { LogOut, LogOutHandler } from './log-out/log-out.js';
import { RefreshSession, RefreshSessionHandler } from './refresh-session/refresh-session.js';
import { RegisterUser, RegisterUserHandler } from './register-user/register-user.js';
import { SessionStore } from './session.store.js';
import { SigningKeyStore } from './signing-key.store.js';
import { User } from './user.entity.js';
import { UserStore } from './user.store.js';
import { usersConfig } from './users.config.js';
import { UsersSeed } from './users.seed.js';

const own = ownDatabase('users', [Users1795132800001, SessionExpiry1795996800001]);
const loaded = loadConfig([usersConfig, tokenConfig], {});
const config = loaded.get(usersConfig);
const names = loaded.get(tokenConfig);
const password = 'correct horse battery staple';
let source: DataSource;
let database: Database;
let shop: ReturnType<typeof openShop>;

beforeAll(async () => {
  source = await new DataSource({
    type: 'postgres',
    url: roleUrl(own.url, 'users'),
    schema: 'users',
    entities: [User],
    installExtensions: false,
  }).initialize();
  own.cleanUp.defer(() => source.destroy());
  database = new Database(own.pool);
  shop = openShop();
});

/** One process of the users context; several may share the database. */
function openShop() {
  const idempotency = new Idempotency(database, 'users');
  const work = new UnitOfWork({ context: 'users', database, idempotency, committed: () => {} });
  const users = new UserStore(database);
  const sessions = new SessionStore(database);
  const keys = new SigningKeyStore(database, work, config);
  const accessTokens = new AccessTokens(keys, names);
  const ends = new SessionEnds();
  const passwords = new Passwords({ memoryCost: 1_024, timeCost: 1, queued: 100 });
  const register = new RegisterUserHandler(work, users, passwords);
  const logIn = new LogInHandler(work, users, sessions, passwords, accessTokens);
  const refresh = new RefreshSessionHandler(work, sessions, ends, accessTokens);
  const logOut = new LogOutHandler(work, sessions, ends);
  const edge = new EdgeTokens({ feed: new IssuedTokens(keys, sessions), ...names });
  ends.listen((sessionId) => edge.sessionEnded(sessionId));
  return {
    keys,
    seed: () => new UsersSeed(work, users, passwords, config).seed(),
    register: (email: string) => register.execute(new RegisterUser({ email, password, name: 'Ada Lovelace' })),
    logIn: (email: string, tried = password) => logIn.execute(new LogIn({ email, password: tried })),
    refresh: (text: string) => refresh.execute(new RefreshSession(text)),
    logOut: (text: string) => logOut.execute(new LogOut(text)),
    me: async (text: string) =>
      new GetMeHandler(source).execute(new GetMe((await edge.verifier.verify(text)).principal)),
  };
}

let number = 0;
const newEmail = () => `ada-${++number}@example.com`;

async function loggedIn() {
  const email = newEmail();
  await shop.register(email);
  return shop.logIn(email);
}

describe('registering', () => {
  it('makes a customer, who can log in and see who they are', async () => {
    const email = newEmail();
    const registered = await shop.register(email);
    expect(registered).toEqual({ id: expect.any(String), email, name: 'Ada Lovelace' });
    const { accessToken, refreshToken, ...rest } = await shop.logIn(email);
    expect(rest).toEqual({ tokenType: 'Bearer', expiresIn: 600 });
    expect(refreshToken).toMatch(/^rt_/);
    expect(await shop.me(accessToken)).toEqual({ ...registered, roles: ['customer'] });
  });

  it('tells the neighbours the id and nothing personal', async () => {
    const { id, email } = await shop.register(newEmail());
    const rows = await database.read<{ type: string; envelope: { data: unknown } }>(
      'select type, envelope from outbox where key = $1',
      [id],
    );
    expect(rows).toMatchObject([{ type: 'users.user-registered.v1', envelope: { data: { userId: id } } }]);
    expect(JSON.stringify(rows)).not.toContain(email);
    expect(JSON.stringify(rows)).not.toContain('Lovelace');
  });

  it('gives an address to one of many who ask at the same time', async () => {
    const email = newEmail();
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => shop.register(email)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ status: 409, slug: 'email-taken' });
    }
    expect(await shop.logIn(email)).toHaveProperty('accessToken');
  });
});

describe('logging in', () => {
  it('answers an unknown address and a wrong password alike', async () => {
    const email = newEmail();
    await shop.register(email);
    const wrong = await shop.logIn(email, 'wrong password').catch((error: unknown) => error);
    const unknown = await shop.logIn(newEmail()).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ status: 401, slug: 'wrong-credentials' });
    expect(unknown).toEqual(wrong);
  });

  it('forgets the sessions of that user that have expired', async () => {
    const email = newEmail();
    const { id } = await shop.register(email);
    await shop.logIn(email);
    await own.pool.query(`update session set expires_at = now() - interval '1 s' where user_id = $1`, [id]);
    await shop.logIn(email);
    const { rows } = await own.pool.query('select expires_at > now() as alive from session where user_id = $1', [id]);
    expect(rows).toEqual([{ alive: true }]);
  });
});

describe('refreshing a session', () => {
  it('gives new tokens again and again', async () => {
    let { refreshToken, accessToken } = await loggedIn();
    for (let n = 0; n < 3; n++) ({ refreshToken, accessToken } = await shop.refresh(refreshToken));
    expect(await shop.me(accessToken)).toMatchObject({ roles: ['customer'] });
  });

  it('is won by one of twenty at once, and ends the session, because two parties hold the token', async () => {
    const { refreshToken, accessToken } = await loggedIn();
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => shop.refresh(refreshToken)));
    const won = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
    expect(won).toHaveLength(1);
    for (const reason of lost) expect(reason).toMatchObject({ status: 401, slug: 'session-over' });

    await expect(shop.refresh(won[0]!.refreshToken)).rejects.toMatchObject({ status: 401 });
    for (const token of [accessToken, won[0]!.accessToken]) {
      await expect(shop.me(token)).rejects.toMatchObject({ reason: 'revoked' });
    }
  });

  it('with a token used before ends the session for good, and no other', async () => {
    const email = newEmail();
    await shop.register(email);
    const [stolen, other] = [await shop.logIn(email), await shop.logIn(email)];
    const successor = await shop.refresh(stolen.refreshToken);
    await expect(shop.refresh(stolen.refreshToken)).rejects.toMatchObject({ status: 401 });
    await expect(shop.refresh(successor.refreshToken)).rejects.toMatchObject({ status: 401 });
    expect(await shop.refresh(other.refreshToken)).toHaveProperty('accessToken');
  });

  it('gives nothing away when the session is ended at the same moment', async () => {
    for (let n = 0; n < 10; n++) {
      const { refreshToken } = await loggedIn();
      const [refreshed] = await Promise.allSettled([shop.refresh(refreshToken), shop.logOut(refreshToken)]);
      if (refreshed.status === 'fulfilled') {
        await expect(shop.refresh(refreshed.value.refreshToken)).rejects.toMatchObject({ status: 401 });
      } else expect(refreshed.reason).toMatchObject({ status: 401 });
    }
  });

  it.each(['', 'rt_', `rt_not-a-uuid.${'A'.repeat(43)}`, `rt_01890a5d-ac96-774b-bcce-b302099a8057.${'A'.repeat(43)}`])(
    'refuses "%s", and logging out with it is nothing',
    async (text) => {
      await expect(shop.refresh(text)).rejects.toMatchObject({ status: 401, slug: 'session-over' });
      await expect(shop.logOut(text)).resolves.toBeUndefined();
    },
  );

  it('refuses a known id with another secret without ending the session', async () => {
    const { refreshToken } = await loggedIn();
    const forged = `${refreshToken.split('.')[0]}.${'A'.repeat(43)}`;
    await expect(shop.refresh(forged)).rejects.toMatchObject({ status: 401 });
    await shop.logOut(forged);
    expect(await shop.refresh(refreshToken)).toHaveProperty('refreshToken');
  });
});

describe('logging out', () => {
  it('ends refresh and access at once, as often as it is said, also after a restart', async () => {
    const { refreshToken, accessToken } = await loggedIn();
    expect(await shop.me(accessToken)).toHaveProperty('email');
    await shop.logOut(refreshToken);
    await shop.logOut(refreshToken);
    await expect(shop.refresh(refreshToken)).rejects.toMatchObject({ status: 401 });
    await expect(shop.me(accessToken)).rejects.toMatchObject({ reason: 'revoked' });

    const restarted = openShop();
    await expect(restarted.me(accessToken)).rejects.toMatchObject({ reason: 'revoked' });
  });
});

it('a logout that is said again tells an edge that did not hear of the first', async () => {
  const { refreshToken, accessToken } = await loggedIn();
  expect(await shop.me(accessToken)).toHaveProperty('email');
  await openShop().logOut(refreshToken); // by a process that ends before it could announce it
  await shop.logOut(refreshToken);
  await expect(shop.me(accessToken)).rejects.toMatchObject({ reason: 'revoked' });
});

describe('signing keys', () => {
  const kids = async (from = shop) => (await from.keys.published()).map(({ kid }) => kid);
  const age = (hours: number) =>
    own.pool.query(`update signing_key set created_at = created_at - $1 * interval '1 hour'`, [hours]);

  it('are the same for all processes that start at once', async () => {
    await own.pool.query('delete from signing_key');
    const processes = Array.from({ length: 6 }, openShop);
    const published = await Promise.all(processes.map((one) => kids(one)));
    expect(new Set(published.flat()).size).toBe(1);
  });

  it('never leave the house: neither published nor readable in the database', async () => {
    const { d } = (await shop.keys.signing())[0]!;
    expect(JSON.stringify(await shop.keys.published())).not.toMatch(/"d"/);
    expect(JSON.stringify((await own.pool.query('select * from signing_key')).rows)).not.toContain(d);
  });

  it('change without a gap: published, then signing, then verifying only, then destroyed', async () => {
    const [first] = await kids();
    await age(config.signingKeyDays * 24);
    const [second, before] = await kids();
    expect(before).toBe(first);
    const signing = async () => (await shop.keys.signing())[0]!.kid;
    expect(await signing()).toBe(first);
    await age(1);
    expect(await signing()).toBe(second);
    await age(config.signingKeyDays * 24);
    const [third, stillThere] = await kids();
    expect(stillThere).toBe(second);
    expect((await own.pool.query('select kid from signing_key order by generation')).rows).toEqual([
      { kid: second },
      { kid: third },
    ]);
  });
});

it('seeds an administrator and an operator once', async () => {
  await shop.seed();
  await shop.seed();
  const restarted = openShop(); // the keys above have aged by months
  const { accessToken } = await restarted.logIn('admin@holdfast.local', config.adminPassword);
  expect(await restarted.me(accessToken)).toMatchObject({ name: 'Administrator', roles: ['admin'] });
  const { rows } = await own.pool.query(
    `select email, roles from user_account where email like '%@holdfast.local' order by email`,
  );
  expect(rows).toEqual([
    { email: 'admin@holdfast.local', roles: ['admin'] },
    { email: 'operator@holdfast.local', roles: ['operator'] },
  ]);
});
