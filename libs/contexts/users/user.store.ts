import { Database, defineWrite, type Transaction } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import type { NewUser, Role } from './domain/user.js';
import { emailTaken } from './users.problems.js';

/** What a login is checked against. */
export interface Credential {
  userId: string;
  roles: Role[];
  passwordHash: string;
}

interface AccountRow {
  id: string;
  email: string;
  name: string;
  roles: readonly Role[];
}

// Not left to the unique violation: PostgreSQL would repeat the address in its error, and so in our logs.
const addAccount = defineWrite<AccountRow>(
  'users.add-account',
  { id: 'uuid', email: 'text', name: 'text', roles: 'text[]' },
  `insert into user_account (id, email, name, roles) select id, email, name, roles from rows
   on conflict on constraint user_account_email do nothing`,
  { missed: emailTaken },
);

const addCredential = defineWrite<{ user_id: string; password_hash: string }>(
  'users.add-credential',
  { user_id: 'uuid', password_hash: 'text' },
  `insert into credential (user_id, password_hash) select user_id, password_hash from rows`,
);

const strengthenCredential = defineWrite<{ user_id: string; password_hash: string; instead_of: string }>(
  'users.strengthen-credential',
  { user_id: 'uuid', password_hash: 'text', instead_of: 'text' },
  `update credential set password_hash = rows.password_hash from rows
   where credential.user_id = rows.user_id and credential.password_hash = rows.instead_of`,
  { affects: 'any' },
);

@Injectable()
export class UserStore {
  constructor(private readonly database: Database) {}

  async known(emails: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.read<{ email: string }>(
      'select email from user_account where email = any($1::text[])',
      [emails],
    );
    return new Set(rows.map(({ email }) => email));
  }

  credentialOf(email: string): Promise<Credential | undefined> {
    return this.database.one<Credential & Record<string, unknown>>(
      `select id as "userId", roles, password_hash as "passwordHash"
       from user_account join credential on user_id = id where email = $1`,
      [email],
    );
  }

  add(tx: Transaction, { id, email, name, roles }: NewUser, passwordHash: string): void {
    tx.write(addAccount, { id, email, name, roles });
    tx.write(addCredential, { user_id: id, password_hash: passwordHash });
  }

  /** The same password under today's costs, unless it was changed meanwhile. */
  strengthen(tx: Transaction, { userId, passwordHash }: Credential, stronger: string): void {
    tx.write(strengthenCredential, { user_id: userId, password_hash: stronger, instead_of: passwordHash });
  }
}
