import type { Message } from '@holdfast/messaging';
import { completeMessage } from '../inbox/inbox-queue.js';
import { appendToOutbox } from '../outbox/outbox.js';
import type { Chance } from './chance.fixture.js';
import type { PlantedBug } from './model-statements.fixture.js';
import { failure, modelWrites } from './model-writes.fixture.js';
import { inboxKey, type ModelTables, type OutboxEntry } from './model-tables.fixture.js';
import type { Owner, VirtualTime } from './virtual-time.fixture.js';

type UnitWrite = (typeof modelWrites)[number] & { each: boolean };

const UNIT = /^with r0 as \(select [\w, ]+ from rows from \(json_to_recordset\(/;

const units = new Map<string, UnitWrite[] | undefined>();

/** The writes that a compiled unit of work consists of, in the order of its parameters; undefined for any other statement. */
export function parseUnit(text: string): UnitWrite[] | undefined {
  if (!UNIT.test(text)) return undefined;
  if (units.has(text)) return units.get(text);
  const writes = [...text.matchAll(/^w(\d+) as \(([\s\S]*?) returning 1\)(?=,?$)/gm)].map(([, index, sql]) => {
    const plain = sql!.replaceAll(new RegExp(`\\br${index}\\b`, 'g'), 'rows');
    const write = modelWrites.find(({ is }) => is(plain));
    if (!write) throw new Error(`The model of PostgreSQL does not know this write yet: ${plain}`);
    return { ...write, each: text.includes(`road_conflict('${write.name}')`) };
  });
  units.set(text, writes);
  return writes;
}

/** The server that a transaction runs on. */
interface Server {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly bug?: PlantedBug;
  /** Transactions that have an id and are not over. */
  readonly running: Set<number>;
  tables(context: string): ModelTables;
  nextXid(): number;
  travel<R>(owner: Owner, what: string, work: () => R): Promise<R>;
}

interface Planned {
  write: UnitWrite;
  rows: object[];
}

/** A transaction of the model: it has an id from its first write on, and all of it is seen at its commit or never. */
export class ModelTransaction {
  private xid?: number;
  private planned: Planned[] = [];
  private outbox: OutboxEntry[] = [];
  private over = false;

  constructor(
    private readonly postgres: Server,
    private readonly context: string,
  ) {}

  /** From here on it is running, and holds back what the relay may read. */
  identify(): number {
    return (this.xid ??= this.postgres.nextXid());
  }

  begin(unit: UnitWrite[], values: readonly string[]): number {
    const xid = this.identify();
    const tables = this.postgres.tables(this.context);
    unit.forEach((write, index) => {
      const rows = JSON.parse(values[index]!) as object[];
      this.planned.push({ write, rows });
      if (write.name !== appendToOutbox.name) return;
      for (const { envelope } of rows as { envelope: Message }[]) {
        this.outbox.push({ xid, position: ++tables.outboxPosition, envelope });
      }
    });
    return xid;
  }

  /** A unit inside an explicit transaction: checked now, seen at the commit. */
  execute(owner: Owner, text: string, values: readonly string[]): Promise<{ rows: object[] }> {
    return this.postgres.travel(owner, `${this.context}: unit in a transaction`, () => {
      const xid = this.begin(parseUnit(text)!, values);
      this.check();
      return { rows: [{ xid: String(xid) }] };
    });
  }

  commit(): void {
    if (this.over) throw failure('ECONNRESET', 'Connection terminated');
    const { postgres, context } = this;
    const tables = postgres.tables(context);
    const now = postgres.time.wallClock();
    try {
      this.check();
    } finally {
      this.rollback(); // in either case it runs no more
    }
    const apart = postgres.bug === 'the completion is not part of the effect';
    for (const { write, rows } of this.planned) {
      if (apart && write.name === completeMessage.name) {
        const afterwards = () => write.model.apply(tables, rows, now);
        if (!postgres.chance.happens(0.3))
          postgres.time.after(5, postgres.time.nobody, 'completes afterwards', afterwards);
      } else write.model.apply(tables, rows, now);
    }
    tables.outbox.push(...this.outbox);
  }

  rollback(): void {
    this.over = true;
    if (this.xid !== undefined) this.postgres.running.delete(this.xid);
  }

  private check(): void {
    const tables = this.postgres.tables(this.context);
    for (const { write, rows } of this.planned) {
      if (write.name === completeMessage.name && this.postgres.bug === 'the completion does not look at the claim') {
        if (rows.every((row) => tables.inbox.has(inboxKey(row as never)))) continue;
      }
      const affected = write.model.affects(tables, rows, this.postgres.time.wallClock());
      if (write.each && affected < rows.length) throw failure('HF409', write.name);
    }
  }
}
