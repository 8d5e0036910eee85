import { Database, defineWrite, type Transaction } from '@holdfast/data-consistency';
import { isUuid } from '@holdfast/host';
import {
  refreshTokenId,
  type NewRefreshToken,
  type Principal,
  type RefreshFamily,
  type StoredRefreshToken,
} from '@holdfast/security';
import { Injectable } from '@nestjs/common';
import type { Role } from './domain/user.js';

/** A refresh token, the session it belongs to, and whom an access token would be for. */
export interface StoredSession {
  token: StoredRefreshToken;
  family: RefreshFamily;
  holder: Principal;
}

interface SessionRow {
  id: string;
  session_id: string;
  secret_hash: string;
  expires_at: Date;
  used_at: Date | null;
  revoked_at: Date | null;
  user_id: string;
  roles: Role[];
}

const openSession = defineWrite<{ id: string; user_id: string; expires_at: Date }>(
  'users.open-session',
  { id: 'uuid', user_id: 'uuid', expires_at: 'timestamptz' },
  `insert into session (id, user_id, expires_at) select id, user_id, expires_at from rows`,
);

const forgetExpiredSessions = defineWrite<{ user_id: string }>(
  'users.forget-expired-sessions',
  { user_id: 'uuid' },
  `delete from session using rows where session.user_id = rows.user_id and session.expires_at < statement_timestamp()`,
  { affects: 'any' },
);

const addRefreshToken = defineWrite<{ id: string; session_id: string; secret_hash: string; expires_at: Date }>(
  'users.add-refresh-token',
  { id: 'uuid', session_id: 'uuid', secret_hash: 'text', expires_at: 'timestamptz' },
  `insert into refresh_token (id, session_id, secret_hash, expires_at)
   select id, session_id, secret_hash, expires_at from rows`,
);

const spendRefreshToken = defineWrite<{ id: string; used_at: Date }>(
  'users.spend-refresh-token',
  { id: 'uuid', used_at: 'timestamptz' },
  `update refresh_token set used_at = rows.used_at from rows
   where refresh_token.id = rows.id and refresh_token.used_at is null`,
);

const forgetExpiredTokens = defineWrite<{ session_id: string }>(
  'users.forget-expired-tokens',
  { session_id: 'uuid' },
  `delete from refresh_token using rows
   where refresh_token.session_id = rows.session_id and refresh_token.expires_at < statement_timestamp()`,
  { affects: 'any' },
);

const prolongSession = defineWrite<{ id: string; expires_at: Date }>(
  'users.prolong-session',
  { id: 'uuid', expires_at: 'timestamptz' },
  `update session set expires_at = rows.expires_at from rows where session.id = rows.id and session.revoked_at is null`,
);

/** By PostgreSQL's clock, as {@link SessionStore.revokedWithin} looks for it: that of a process may be minutes behind. */
const revokeSession = defineWrite<{ id: string; because: 'logout' | 'reuse' }>(
  'users.revoke-session',
  { id: 'uuid', because: 'text' },
  `update session set revoked_at = clock_timestamp(), revoked_because = rows.because from rows
   where session.id = rows.id and session.revoked_at is null`,
  { affects: 'any' },
);

const BY_TOKEN = `
  select token.id, session_id, secret_hash, token.expires_at, used_at, revoked_at, user_id, roles
  from refresh_token token
    join session on session.id = session_id
    join user_account on user_account.id = user_id
  where token.id = $1`;

@Injectable()
export class SessionStore {
  constructor(private readonly database: Database) {}

  async find(tx: Transaction, presented: string): Promise<StoredSession | undefined> {
    const id = refreshTokenId(presented);
    if (id === undefined || !isUuid(id)) return undefined;
    const [row] = await tx.read<SessionRow>(BY_TOKEN, [id]);
    return row && sessionOf(row);
  }

  open(tx: Transaction, userId: string, { stored }: NewRefreshToken): void {
    tx.write(forgetExpiredSessions, { user_id: userId });
    tx.write(openSession, { id: stored.familyId, user_id: userId, expires_at: stored.expiresAt });
    tx.write(addRefreshToken, rowOf(stored));
  }

  /** Fails with ConcurrencyError when the token was used or the session was revoked meanwhile. */
  rotate(tx: Transaction, usedId: string, { stored }: NewRefreshToken): void {
    tx.write(spendRefreshToken, { id: usedId, used_at: tx.now });
    tx.write(prolongSession, { id: stored.familyId, expires_at: stored.expiresAt });
    tx.write(addRefreshToken, rowOf(stored));
    tx.write(forgetExpiredTokens, { session_id: stored.familyId });
  }

  revoke(tx: Transaction, id: string, because: 'logout' | 'reuse'): void {
    tx.write(revokeSession, { id, because });
  }

  /** Sessions that ended in the last so many seconds. */
  async revokedWithin(seconds: number): Promise<string[]> {
    const rows = await this.database.read<{ id: string }>(
      `select id from session where revoked_at > statement_timestamp() - make_interval(secs => $1) order by revoked_at`,
      [seconds],
    );
    return rows.map(({ id }) => id);
  }
}

const rowOf = ({ id, familyId, secretHash, expiresAt }: StoredRefreshToken) => {
  return { id, session_id: familyId, secret_hash: secretHash, expires_at: expiresAt };
};

function sessionOf(row: SessionRow): StoredSession {
  const { id, session_id: familyId, secret_hash: secretHash, expires_at: expiresAt, used_at, revoked_at } = row;
  return {
    token: { id, familyId, secretHash, expiresAt, ...(used_at && { usedAt: used_at }) },
    family: { id: familyId, ...(revoked_at && { revokedAt: revoked_at }) },
    holder: { id: row.user_id, roles: row.roles, sessionId: familyId },
  };
}
