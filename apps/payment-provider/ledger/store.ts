import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type Store = DatabaseSync;

const schema = `
  create table if not exists payment (
    id text primary key,
    provider text not null,
    key text not null,
    reference text not null,
    currency text not null,
    state text not null check (state in ('pending', 'declined', 'authorised', 'captured', 'voided')),
    authorised integer not null,
    captured integer not null default 0,
    refunded integer not null default 0,
    check (captured between 0 and authorised),
    check (refunded between 0 and captured),
    check (state <> 'voided' or captured = 0),
    unique (provider, key)
  ) strict;

  create table if not exists entry (
    position integer primary key,
    provider text not null,
    key text not null,
    operation text not null check (operation in ('authorise', 'capture', 'void', 'refund')),
    id text not null unique,
    payment_id text not null references payment (id),
    reference text not null,
    amount integer not null check (amount > 0),
    currency text not null,
    outcome text not null check (outcome in ('pending', 'done', 'declined', 'refused')),
    reason text,
    verdict text,
    fingerprint text not null,
    at text not null,
    due_at integer,
    webhook_delay_ms integer not null,
    unique (provider, key)
  ) strict;
  create index if not exists entry_by_reference on entry (reference);
  create index if not exists entry_pending on entry (due_at) where outcome = 'pending';
  create unique index if not exists one_capture on entry (payment_id) where operation = 'capture' and outcome = 'done';

  create table if not exists webhook (
    id integer primary key,
    provider text not null,
    body text not null,
    state text not null check (state in ('pending', 'delivered', 'dropped', 'given-up')),
    attempts integer not null default 0,
    created_at integer not null,
    due_at integer not null
  ) strict;
  create index if not exists webhook_pending on webhook (due_at) where state = 'pending';

  create table if not exists fault (
    id integer primary key,
    provider text not null,
    operation text not null,
    kind text not null,
    remaining integer not null,
    delay_ms integer
  ) strict;

  create table if not exists attempt (
    provider text not null,
    key text not null,
    made integer not null,
    primary key (provider, key)
  ) strict;
`;

/** Opens the ledger file. The lock is exclusive: a second process on the same ledger is refused at start. */
export function openStore(directory: string): Store {
  mkdirSync(directory, { recursive: true });
  const store = new DatabaseSync(join(directory, 'ledger.sqlite'));
  try {
    store.exec(`pragma busy_timeout = 5000; pragma locking_mode = exclusive; pragma journal_mode = wal;
      pragma synchronous = full; pragma foreign_keys = on;`);
  } catch (cause) {
    throw new Error(`The ledger in ${directory} cannot be opened; is another process using it?`, { cause });
  }
  store.exec(schema);
  return store;
}

export function atomically<R>(store: Store, work: () => R): R {
  store.exec('begin immediate');
  try {
    const result = work();
    store.exec('commit');
    return result;
  } catch (error) {
    store.exec('rollback');
    throw error;
  }
}
