import type { QueryResultRow } from 'pg';
import { query, type Database } from '../database/database.js';
import { ForeignLog, liesAhead } from '../database/foreign-log.js';
import { LOG_START, type LogPlace } from '../event-store/event-store.js';
import type { Projection } from './projection.js';

/** One complete set of rows of a projection, and the place in the log it was folded up to. */
export interface Generation extends LogPlace {
  generation: number;
  /** Whether it is the one that is read. */
  live: boolean;
}

/** A generation with how far it has come. */
export interface GenerationProgress {
  name: string;
  generation: number;
  live: boolean;
  movedAt: Date | null;
  /** Events folded, events there are, and the difference. */
  events: number;
  total: number;
  behind: number;
}

const ALL = `
  select generation, live, xid::text as xid, position, ${liesAhead('xid')} as ahead
  from projection_generation where name = $1 order by generation`;

const FIRST = `
  insert into projection_generation (name, stream_type, generation, live) values ($1, $2, 1, true) on conflict do nothing`;

const NEXT = `
  insert into projection_generation (name, stream_type, generation, live)
  select $1, $2, max(generation) + 1, false from projection_generation where name = $1
  having bool_and(live) on conflict do nothing returning generation`;

const PROGRESS = `
  select g.name, g.generation, g.live, g.moved_at as "movedAt", log.total - ahead.behind as events, log.total, ahead.behind
  from projection_generation g,
       (select count(*) as total from event where stream_type = $2) log,
       lateral (select count(*) as behind from event e
                where e.stream_type = $2 and (e.xid, e.position) > (g.xid, g.position)) ahead
  where g.name = $1 order by g.generation`;

/** Who is read must never go back in time: the new rows know at least what the old ones do. Locked, so that it stays so. */
const IS_AHEAD = `
  with known as materialized (select generation, xid, position from projection_generation where name = $1 for update)
  select exists (select from known where generation = $2)
     and not exists (select from known one, known other where one.generation = $2
                     and (other.xid, other.position) > (one.xid, one.position)) as ahead`;

/** The generations of one projection. */
export class Generations {
  private readonly name: string;
  private readonly streamType: string;

  constructor(
    private readonly database: Database,
    { name, stream }: Projection,
  ) {
    this.name = name;
    this.streamType = stream.name;
  }

  /**
   * All of them, oldest first; the first one begins when there is none.
   *
   * @throws ForeignLog when one of them would never see what is written here
   */
  async all(): Promise<Generation[]> {
    const found = await this.database.read<Generation & { ahead: boolean } & QueryResultRow>(ALL, [this.name]);
    if (found.some(({ ahead }) => ahead)) throw new ForeignLog(`The projection ${this.name}`);
    if (found.length > 0) return found;
    await this.database.read(FIRST, [this.name, this.streamType]);
    return [{ generation: 1, live: true, ...LOG_START }];
  }

  /** Begins one beside the live one, unless one is under way already; whether it did. */
  async beginNext(): Promise<boolean> {
    return (await this.database.read(NEXT, [this.name, this.streamType])).length > 0;
  }

  async progress(): Promise<GenerationProgress[]> {
    return this.database.read<GenerationProgress & QueryResultRow>(PROGRESS, [this.name, this.streamType]);
  }

  /** Makes a generation the one that is read and forgets the older ones, once it knows what they do; whether it did. */
  async swapTo(generation: number): Promise<boolean> {
    return this.database.transaction(async (client) => {
      const [row] = await query<{ ahead: boolean }>(client, IS_AHEAD, [this.name, generation]);
      if (!row?.ahead) return false;
      const which = [this.name, generation];
      await query(client, `delete from projection_generation where name = $1 and generation < $2`, which);
      await query(client, `update projection_generation set live = true where name = $1 and generation = $2`, which);
      return true;
    });
  }

  /** The generation that is read. */
  async live(): Promise<number | undefined> {
    const row = await this.database.one<{ generation: number | null }>(`select road_live($1) as generation`, [
      this.name,
    ]);
    return row?.generation ?? undefined;
  }
}
