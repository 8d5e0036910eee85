import { newId } from '@holdfast/messaging';
import type { QueryResultRow } from 'pg';
import { inFull } from '../../../test/support/faults/report.js';
import { Database } from '../database/database.js';
import { EventStore } from '../event-store/event-store.js';
import { NotesOnPostgres } from '../fixture/notes-on-postgres.js';
import { consistencyToken, withConsistency } from './consistency.js';
import { Lengths, lengths } from './lengths.fixture.js';
import { ReadModels } from './read-models.js';

const PAIRS = inFull ? 50_000 : 1_000;
const CLIENTS = 64;

let model: Lengths;
beforeAll(async () => {
  model = new Lengths(await NotesOnPostgres.create());
});
afterAll(() => model.stop());

/** A projector whose every look at the log comes 0 to 50 ms late. */
class Late extends EventStore {
  override async readLog(...[stream, which]: Parameters<EventStore['readLog']>) {
    const found = await super.readLog(stream, which);
    await model.notes.rows('select pg_sleep(random() * 0.05)');
    return found as never;
  }
}

it(`${PAIRS} reads with the token of a write all see it, though the projector is up to 50 ms late`, async () => {
  const readModels = new ReadModels({ context: 'notes', database: model.notes.database, demandedWaitMs: 20_000 });
  const database = model.notes.newDatabase();
  const projector = model.projector({
    database,
    events: new Late(database),
    moved: () => readModels.moved(),
    batchSize: 1_000,
  });
  const lengthOf = async (note: string) =>
    (
      await model.notes.rows<{ length: number }>(
        `select length from note_length where generation = road_live('lengths') and note = $1`,
        note,
      )
    )[0]?.length ?? 0;

  const seen = { fresh: 0, stale: 0, staleWithoutToken: 0 };
  const client = async () => {
    const note = newId();
    for (let version = 0; seen.fresh + seen.stale < PAIRS; version++) {
      const token = await withConsistency(undefined, async () => {
        await model.add(note, version);
        return consistencyToken();
      });
      projector.wake();
      if ((await lengthOf(note)) <= version) seen.staleWithoutToken += 1;
      const length = await withConsistency(token, async () => {
        await readModels.caughtUp(lengths);
        return lengthOf(note);
      });
      if (length === version + 1) seen.fresh += 1;
      else seen.stale += 1;
      if (version === 8) await projector.rebuild(); // now and then the rows are swapped under the reader's feet
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  expect(seen.stale).toBe(0);
  expect(seen.fresh).toBeGreaterThanOrEqual(PAIRS);
  expect(seen.staleWithoutToken).toBeGreaterThan(PAIRS / 10); // or there was nothing to wait for
  expect(await model.notes.count(`projection_generation where generation > 1`)).toBeGreaterThan(0);
  expect(model.notes.failures).toEqual([]);
}, 900_000);

it('asking what a read model has seen costs the same however long the log is', async () => {
  await model.fill(5_000, 10);
  await model.notes.admin('analyze notes.event');
  const asked: string[] = [];
  const listening = new (class extends Database {
    override one<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row | undefined> {
      asked.push(text);
      return super.one<Row>(text, values);
    }
  })(model.notes.database.pool);
  const readModels = new ReadModels({ context: 'notes', database: listening });
  await withConsistency('notes.1', () => readModels.caughtUp(lengths));
  // The plan that a prepared statement ends up with, made without knowing the values.
  const { rows } = await model.notes.database.pool.query(`explain (generic_plan) ${asked[0]!}`);
  const text = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toMatch(/Index (Only )?Scan using event_in_commit_order/);
  expect(text).not.toContain('Seq Scan on event');
});
