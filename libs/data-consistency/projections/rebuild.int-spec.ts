import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { EventStore, LOG_START, type LogPlace } from '../event-store/event-store.js';
import { checksum } from './checksum.js';
import { Lengths, lengths } from './lengths.fixture.js';

let notes: NotesOnPostgres;
let model: Lengths;
beforeEach(async () => {
  notes = await NotesOnPostgres.create();
  model = new Lengths(notes);
});
afterEach(() => model.stop());

interface Look {
  generation: number;
  rows: number;
  total: number;
}

it('readers see every row at every moment of a rebuild beside live traffic', async () => {
  await model.fill(200, 10);
  const projector = model.projector({ batchSize: 50 });
  await model.caughtUp();
  const state = { rebuilding: true };
  const looks: Look[] = [];
  const readers = Array.from({ length: 4 }, async () => {
    let last: Look = { generation: 1, rows: 200, total: 2_000 };
    while (state.rebuilding) {
      const [look] = await notes.rows<Look & Record<string, unknown>>(
        `select road_live('lengths') as generation, count(*) as rows, sum(length)::int as total
         from note_length where generation = road_live('lengths')`,
      );
      expect(look!.rows).toBeGreaterThanOrEqual(last.rows);
      expect(look!.total).toBeGreaterThanOrEqual(last.total); // nor does anything already seen go away at the swap
      looks.push((last = look!));
    }
  });
  const traffic = (async () => {
    for (let version = 0; state.rebuilding; version++) await model.add(`busy${version % 7}`, Math.floor(version / 7));
  })();
  for (const generation of [2, 3, 4]) {
    expect(await projector.rebuild()).toBe(true);
    await model.swappedTo(generation);
  }
  state.rebuilding = false;
  await Promise.all([...readers, traffic]);
  expect(new Set(looks.map(({ generation }) => generation)).size).toBeGreaterThan(1);
  expect(looks.length).toBeGreaterThan(50);
  await model.caughtUp();
  expect(notes.failures).toEqual([]);
});

it('two processes may rebuild at once: each batch is written by one of them, and neither complains', async () => {
  await model.fill(50, 40);
  const [one, two] = [model.projector(), model.projector()];
  await model.caughtUp();
  const begun = await Promise.all([one.rebuild(), two.rebuild(), one.rebuild()]);
  expect(begun.filter(Boolean)).toHaveLength(1);
  await model.swappedTo(2);
  expect(await model.live()).toEqual(await model.truth());
  expect(notes.failures).toEqual([]);
});

it('new rows are not read before they know what the old ones do', async () => {
  await model.fill(3, 10);
  const projector = model.projector();
  await model.caughtUp();
  // The reader of the log stops short, as when a transaction is still under way somewhere that the live rows have passed.
  const database = notes.newDatabase();
  const short = new (class extends EventStore {
    override async readLog(...[stream, { after, limit }]: Parameters<EventStore['readLog']>) {
      const { events } = await super.readLog(stream, { after, limit });
      return { events: events.filter(({ position }) => position <= 15), settled: true } as never;
    }
  })(database);
  await projector.stepDown();
  const held = model.projector({ events: short, database });
  await held.rebuild();
  const progress = async () =>
    (await held.state()).map(({ generation, live, events }) => ({ generation, live, events }));
  await until('it has gone as far as it can', async () => (held.wake(), (await progress())[1]?.events === 15));
  for (let turn = 0; turn < 20; turn++) held.wake();
  expect(await progress()).toEqual([
    { generation: 1, live: true, events: 30 },
    { generation: 2, live: false, events: 15 },
  ]);
  await held.stepDown();
  projector.lead();
  await model.swappedTo(2);
  expect(await model.live()).toEqual(await model.truth());
});

it('what a swap by another process leaves behind is swept by the one that goes on', async () => {
  await notes.rows(`insert into note_length values (0, 'from the start', 1)`);
  await model.fill(3, 10);
  model.projector();
  await model.caughtUp();
  const rowsOf = (generation: number) => notes.count(`note_length where generation = ${generation}`);
  await until('it is tidy', async () => (await rowsOf(0)) === 0);
  await notes.admin(`
    insert into notes.note_length select 2, note, length from notes.note_length;
    update notes.projection_generation set generation = 2`);
  await until('it is tidy again', async () => (await rowsOf(1)) === 0);
  expect(await rowsOf(2)).toBe(3);
});

it('tells how far it has come', async () => {
  await model.fill(10, 10);
  const projector = model.projector();
  await model.caughtUp();
  const [first] = await projector.state();
  expect(first).toMatchObject({ name: 'lengths', generation: 1, live: true, events: 100, total: 100, behind: 0 });
  await projector.stepDown();
  await projector.rebuild();
  expect(await projector.state()).toMatchObject([
    { generation: 1, live: true, behind: 0 },
    { generation: 2, live: false, events: 0, total: 100, behind: 100 },
  ]);
});

describe('the checksum', () => {
  it('of rebuilt rows equals that of the live ones at the same place in the log, and of nothing else', async () => {
    await model.fill(20, 10);
    const projector = model.projector();
    await model.caughtUp();
    const before = await projector.checksum();
    expect(before).toMatchObject({ rows: 20, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await projector.rebuild();
    await model.swappedTo(2);
    expect(await projector.checksum()).toEqual(before);

    await notes.rows(`update note_length set length = length + 1 where note = 'n7'`); // somebody meddled
    expect((await projector.checksum())!.checksum).not.toBe(before!.checksum);
    await projector.rebuild();
    await model.swappedTo(3);
    expect(await projector.checksum()).toEqual(before);

    await model.add('n7', 10);
    await model.caughtUp();
    const after = await projector.checksum();
    expect(after!.checksum).not.toBe(before!.checksum);
    expect(placeOf(after!)).not.toEqual(placeOf(before!));
  });

  it('is equal whenever two generations are at the same place, under live traffic', async () => {
    await model.fill(20, 20);
    const projector = model.projector();
    await model.caughtUp();
    const sums = new Map<string, Set<string>>();
    for (let generation = 2; generation <= 5; generation++) {
      await projector.rebuild();
      await until(`generation ${generation} is read`, async () => {
        await model.add('busy', await notes.count(`event where stream_id = 'busy'`));
        for (const which of [generation - 1, generation]) {
          const sum = await projector.checksum(which);
          if (sum) sums.set(placeOf(sum), (sums.get(placeOf(sum)) ?? new Set()).add(`${sum.rows} ${sum.checksum}`));
        }
        return (await notes.rows<{ live: number }>(`select road_live('lengths') as live`))[0]!.live === generation;
      });
    }
    expect([...sums.values()].every(({ size }) => size === 1)).toBe(true);
    expect(sums.size).toBeGreaterThan(4);
  });

  it('does not depend on the order of the rows', async () => {
    const projector = model.projector();
    for (const id of ['a', 'b', 'c']) await model.add(id, 0);
    await model.caughtUp();
    const before = await projector.checksum();
    await notes.rows(`delete from note_length where note in ('a', 'b')`);
    expect((await projector.checksum())!.checksum).not.toBe(before!.checksum);
    await notes.rows(`insert into note_length (generation, note, length) values (1, 'b', 1), (1, 'a', 1)`);
    expect(await projector.checksum()).toEqual(before);
    expect(await projector.checksum(99)).toBeUndefined();
  });

  it('does not depend on the time zone of the session', async () => {
    await notes.admin('create table notes.note_seen (generation int, note text, seen timestamptz)');
    await notes.admin('grant select on notes.note_seen to notes_app');
    await notes.admin(`insert into notes.note_seen values (1, 'a', '2026-11-20T09:30:00.123456Z')`);
    await notes.admin(`insert into notes.projection_generation values ('seen', 'note', 1, true)`);
    const seen = { ...lengths, name: 'seen', table: 'note_seen', columns: { note: 'text', seen: 'timestamptz' } };
    const sumIn = async (zone: string) => {
      const database = notes.newDatabase(1);
      await database.read(`set time zone '${zone}'`);
      return checksum(database, seen, 1);
    };
    const inUtc = await sumIn('UTC');
    expect(inUtc).toMatchObject({ rows: 1 });
    expect(await sumIn('Asia/Tokyo')).toEqual(inUtc);
  });
});

const placeOf = ({ xid, position }: LogPlace = LOG_START) => `${xid}/${position}`;
