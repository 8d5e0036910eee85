import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type pg from 'pg';
import type { Chance } from './chance.fixture.js';
import { ModelTransaction, parseUnit } from './model-transaction.fixture.js';
import { modelStatements, type ModelStatement, type PlantedBug, type Sight } from './model-statements.fixture.js';
import { ModelTables } from './model-tables.fixture.js';
import { failure } from './model-writes.fixture.js';
import type { Owner, VirtualTime } from './virtual-time.fixture.js';

export interface Weather {
  /** Probability that a statement fails before it does anything, that its reply is lost after it, and that it takes long. */
  refused: number;
  lost: number;
  slow: number;
}

interface Rows {
  rows: object[];
}

/** PostgreSQL as the road sees it: every statement it sends, done on tables in memory, late, out of turn, or with its reply lost. */
export class ModelPostgres {
  readonly schemas = new Map<string, ModelTables>();
  readonly sessions = new Set<ModelSession>();
  /** Leaders by context: whoever holds the advisory lock. */
  readonly locks = new Map<string, ModelSession>();
  readonly running = new Set<number>();
  weather: Weather = { refused: 0, lost: 0, slow: 0 };
  /** How often which fault really happened. */
  readonly faults: Record<string, number> = {};
  private lastXid = 0;

  constructor(
    readonly time: VirtualTime,
    readonly chance: Chance,
    readonly bug?: PlantedBug,
  ) {}

  tables(context: string): ModelTables {
    let tables = this.schemas.get(context);
    if (!tables) this.schemas.set(context, (tables = new ModelTables(context)));
    return tables;
  }

  nextXid(): number {
    this.running.add(++this.lastXid);
    return this.lastXid;
  }

  sight(context: string): Sight {
    const horizon = Math.min(this.lastXid + 1, ...this.running);
    return { tables: this.tables(context), now: this.time.wallClock(), horizon, ...(this.bug && { bug: this.bug }) };
  }

  /** A process's pool for one context. */
  pool(context: string, owner: Owner): pg.Pool {
    const query = (config: pg.QueryConfig) => this.send(context, owner, config, new ModelTransaction(this, context));
    const connect = () =>
      this.travel(owner, 'connected', () => {
        const session = new ModelSession(this, context, owner);
        this.sessions.add(session);
        return session as unknown as pg.PoolClient;
      });
    return { query, connect } as unknown as pg.Pool;
  }

  /** A statement done at once, with nothing that can go wrong on the way: to compare the model with what it stands for. */
  now(context: string, { text, values = [] }: pg.QueryConfig): Rows {
    const unit = parseUnit(text);
    if (!unit) return { rows: statementFor(text).run(this.sight(context), values as unknown[]) };
    const transaction = new ModelTransaction(this, context);
    const xid = transaction.begin(unit, values as string[]);
    transaction.commit();
    return { rows: [{ xid: String(xid) }] };
  }

  /** One statement in a transaction of its own: sent, begun, committed, answered, each after a while. */
  send(context: string, owner: Owner, { text, values = [] }: pg.QueryConfig, within: ModelTransaction): Promise<Rows> {
    const unit = parseUnit(text);
    const statement = unit ? undefined : statementFor(text);
    const name = unit ? `unit (${unit.map((write) => write.name.split('.')[1]).join(', ')})` : statement!.name;
    return this.travel(owner, `${context}: ${name}`, (commitsLater) => {
      if (!unit) return { rows: statement!.run(this.sight(context), values as unknown[]) };
      const xid = within.begin(unit, values as string[]);
      return commitsLater(
        () => {
          within.commit();
          return { rows: [{ xid: String(xid) }] };
        },
        () => within.rollback(),
      );
    });
  }

  /** There and back: what the server does in the middle happens whether or not the answer arrives. */
  travel<R>(owner: Owner, what: string, work: (later: Later<R>) => R | typeof LATER): Promise<R> {
    const { time, chance } = this;
    return new Promise((resolve, reject) => {
      const reply = (settle: () => void) => void time.after(this.delay(), owner, `reply to ${what}`, settle);
      const attempt = (work: () => R | typeof LATER) => {
        try {
          const result = work();
          if (result === LATER) return;
          if (this.fault('lost', owner)) reply(() => reject(failure('ECONNRESET', 'the reply was lost')));
          else reply(() => resolve(result));
        } catch (error) {
          reply(() => reject(error as Error));
        }
      };
      time.after(this.delay(), time.nobody, what, () => {
        if (!owner.alive && chance.happens(0.5)) return; // it never left the process
        if (this.fault('refused', owner)) {
          const code = chance.pick(['ECONNRESET', '40001', '57P01']);
          return reply(() => reject(failure(code, 'refused')));
        }
        const later: Later<R> = (commit, rollback) => {
          time.after(this.delay(), time.nobody, `commit of ${what}`, () => {
            if (!owner.alive && chance.happens(0.3)) return rollback(); // its session was found dead in time
            attempt(commit);
          });
          return LATER;
        };
        attempt(() => work(later));
      });
    });
  }

  /** kill -9 of a process: its sessions end, sooner or later. */
  lose(owner: Owner): void {
    for (const session of this.sessions) {
      if (session.owner !== owner) continue;
      this.time.after(this.chance.happens(0.9) ? 1 : 20_000, this.time.nobody, 'a session is found dead', () =>
        session.end(),
      );
    }
  }

  private fault(kind: 'refused' | 'lost', owner: Owner): boolean {
    const happens = owner !== this.time.nobody && this.chance.happens(this.weather[kind]);
    if (happens) this.faults[kind] = (this.faults[kind] ?? 0) + 1;
    return happens;
  }

  private delay(): number {
    const { chance } = this;
    if (!chance.happens(this.weather.slow)) return chance.between(0.05, 2);
    return chance.happens(0.1) ? chance.between(1_000, 9_000) : chance.between(20, 600);
  }
}

const LATER = Symbol('later');
type Later<R> = (commit: () => R, rollback: () => void) => typeof LATER;

/** A checked-out connection: an explicit transaction, or a leader's. */
export class ModelSession extends EventEmitter {
  private within?: ModelTransaction;
  private ended = false;
  lastWord: number;

  constructor(
    private readonly postgres: ModelPostgres,
    private readonly context: string,
    readonly owner: Owner,
  ) {
    super();
    this.lastWord = postgres.time.now;
  }

  query(config: string | pg.QueryConfig): Promise<Rows> {
    const { text, values = [] } = typeof config === 'string' ? { text: config } : config;
    this.lastWord = this.postgres.time.now;
    if (parseUnit(text)) {
      return this.within!.execute(this.owner, text, values as string[]);
    }
    return this.postgres.travel(this.owner, `${this.context}: ${text.slice(0, 40)}`, (later) => {
      if (this.ended) throw failure('ECONNRESET', 'Connection terminated');
      return this.run(text, values, later);
    });
  }

  release(destroy?: Error | boolean): void {
    if (destroy) this.end();
    else this.postgres.sessions.delete(this);
  }

  /** Its locks go with it; its process hears of that late, or never. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    const { postgres, context } = this;
    postgres.sessions.delete(this);
    if (postgres.locks.get(context) === this) postgres.locks.delete(context);
    this.within?.rollback();
    const late = postgres.chance.happens(0.3) ? postgres.chance.between(100, 8_000) : 1;
    postgres.time.after(late, this.owner, 'hears that a session ended', () => this.emit('end'));
  }

  private run(text: string, values: readonly unknown[], later: Later<Rows>): Rows | typeof LATER {
    const { postgres, context } = this;
    const tables = postgres.tables(context);
    if (text === 'begin') {
      this.within = new ModelTransaction(postgres, context);
      return { rows: [] };
    }
    if (text === 'commit' || text === 'rollback') {
      const within = this.within;
      this.within = undefined;
      if (text === 'rollback') within?.rollback();
      else
        return later(
          () => (within!.commit(), { rows: [] }),
          () => within!.rollback(),
        );
      return { rows: [] };
    }
    if (text.startsWith('select pg_current_xact_id')) {
      this.within!.identify();
      return { rows: [{}] };
    }
    if (text.includes('pg_try_advisory_lock')) {
      remember('run for leadership', text);
      const locked = !postgres.locks.has(context);
      if (locked) postgres.locks.set(context, this);
      return { rows: [{ locked }] };
    }
    if (/^\s*insert into leadership/.test(text)) {
      remember('begin a term', text);
      return { rows: [{ epoch: ++tables.epoch }] };
    }
    if (text.startsWith('select epoch from leadership')) {
      remember('give a sign of life', text);
      return { rows: [{ epoch: tables.epoch }] };
    }
    if (text.includes('pg_terminate_backend')) {
      remember('put out a silent leader', text);
      const holder = postgres.locks.get(context);
      if (holder && holder.lastWord < postgres.time.now - Number(values[1]) * 1_000) holder.end();
      return { rows: [] };
    }
    return { rows: statementFor(text).run(postgres.sight(context), values as unknown[]) };
  }
}

const known = new Map<string, ModelStatement>();
const seen = new Map<string, string>();

/** The model of a statement. Throws for one it does not know. */
function statementFor(text: string): ModelStatement {
  const found = known.get(text);
  if (found) return found;
  const plain = text.replace(/\s+/g, ' ').trim();
  const model = modelStatements.find(({ is }) => is.test(plain));
  if (!model) throw new Error(`The model of PostgreSQL does not know this statement yet: ${plain}`);
  known.set(text, model);
  remember(model.name, text);
  return model;
}

function remember(name: string, text: string): void {
  if (!seen.has(name)) seen.set(name, fingerprintOf(text));
}

/** What tells whether a statement is still the one its model was made for. */
export function fingerprintOf(text: string): string {
  return createHash('sha256').update(text.replace(/\s+/g, ' ').trim()).digest('hex').slice(0, 12);
}

/** Every statement sent to any model so far, by the model's name for it. */
export function statementsSeen(): Record<string, string> {
  return Object.fromEntries(seen);
}
