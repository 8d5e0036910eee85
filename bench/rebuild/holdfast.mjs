// A log with two projections of the same fold: one is rebuilt beside live traffic, the other never is.
import { setTimeout as pause } from 'node:timers/promises';
import { defineProjection, defineStream } from '../../dist/libs/data-consistency/index.js';
import { newId } from '../../dist/libs/messaging/index.js';
import { openRoad } from '../harness/road.mjs';

const FILL_STREAMS = 200;
const SAMPLE_MS = 250;

const parcels = defineStream('parcel', { initial: 0, evolve: (grams, { data }) => grams + data.grams });

const weights = (name, table) =>
  defineProjection(name, {
    stream: parcels,
    table,
    key: 'parcel',
    columns: { parcel: 'text', grams: 'bigint', pieces: 'int', last_at: 'timestamptz' },
    apply: (row, { streamId, fact, recordedAt }) => ({
      parcel: streamId,
      grams: (row?.grams ?? 0) + fact.data.grams,
      pieces: (row?.pieces ?? 0) + 1,
      last_at: recordedAt,
    }),
  });

const table = (name) =>
  `create table ${name} (generation int not null, parcel text not null, grams bigint not null, pieces int not null,
     last_at timestamptz not null, primary key (generation, parcel))`;

const FILL = `
  insert into event (stream_type, stream_id, version, event_id, type, schema_version, data, metadata)
  select 'parcel', 'p' || n, v, gen_random_uuid(), 'packed', 1, json_build_object('grams', n % 97 + v), '{}'
  from generate_series(1, $3::int) v, generate_series($1::int, $2::int) n`;

/** How many generations there are, and how many events the slowest has to go: counted up to a bound, since it is asked again and again. */
const BEHIND = `
  select count(*) as generations, coalesce(max(ahead.events), 0) as behind from projection_generation g, lateral (
    select count(*) as events from (
      select from event e where e.stream_type = g.stream_type and (e.xid, e.position) > (g.xid, g.position)
      order by e.xid, e.position limit 100000) ahead) ahead
  where g.live = $1`;

export async function start({ adminUrl }) {
  const context = await openRoad({
    adminUrl,
    context: 'parcels',
    tables: ['weight', 'weight_again'].map(table),
    projections: [weights('never', 'weight'), weights('rebuilt', 'weight_again')],
  });
  const { road } = context;
  const [never, rebuilt] = road.projectors;
  let appended = 0;
  let live = 0;
  const state = { ending: false };
  let running;
  let watching;
  let began;
  let ended;
  let slowestLagMs = 0;

  const progress = (live) => road.database.one(BEHIND, [live]);

  const write = async () => {
    await road.work.run((tx) => tx.append(parcels, newId(), 0, [{ type: 'packed', data: { grams: 5 } }]));
    live += 1;
  };
  const traffic = async (perSecond) => {
    const started = performance.now();
    for (let turn = 0; !state.ending; turn++) {
      const early = started + (turn * 1_000) / perSecond - performance.now();
      if (early > 0) await pause(early);
      await write();
    }
  };

  /** How long a fact of its own takes until the rebuilt model's live rows know it. */
  const watch = async () => {
    while (!state.ending) {
      const parcel = newId();
      const asked = performance.now();
      await road.work.run((tx) => tx.append(parcels, parcel, 0, [{ type: 'packed', data: { grams: 1 } }]));
      live += 1;
      const known = () =>
        road.database.one(`select from weight_again where generation = road_live('rebuilt') and parcel = $1`, [parcel]);
      while (!(await known())) await pause(2);
      slowestLagMs = Math.max(slowestLagMs, performance.now() - asked);
      await pause(SAMPLE_MS);
    }
  };

  return {
    async fill({ streams, perStream }) {
      for (let from = 1; from <= streams; from += FILL_STREAMS) {
        await road.database.read(FILL, [from, Math.min(streams, from + FILL_STREAMS - 1), perStream]);
      }
      appended = streams * perStream;
      road.start();
    },
    /** Events to go, all of them until both projections have begun; 0 when there are none. */
    async caughtUp() {
      const { generations, behind } = await progress(true);
      return generations < road.projectors.length ? appended : behind;
    },
    traffic({ perSecond }) {
      running = traffic(perSecond);
      watching = watch();
    },
    async rebuild() {
      began = performance.now();
      if (!(await rebuilt.rebuild())) throw new Error('No rebuild began');
    },
    async rebuilt() {
      const next = await road.database.one('select from projection_generation where not live');
      if (next) return Math.max(1, (await progress(false)).behind);
      ended ??= performance.now();
      return 0;
    },
    async endTraffic() {
      state.ending = true;
      await Promise.all([running, watching]);
      return { events: appended + live, seconds: (ended - began) / 1_000, live };
    },
    async sums() {
      const sumOf = async (projector) => {
        const { rows, checksum } = await projector.checksum();
        return { rows, checksum };
      };
      return { sums: { never: await sumOf(never), rebuilt: await sumOf(rebuilt) }, slowestLagMs };
    },
    async verify() {
      const total = await road.database.one(
        `select sum(grams) as grams from weight_again where generation = road_live('rebuilt')`,
      );
      const truth = await road.database.one(`select sum((data ->> 'grams')::int) as grams from event`);
      return {
        found: { events: await context.count('event'), grams: Number(total.grams) },
        expected: { events: appended + live, grams: Number(truth.grams) },
        failures: context.failures.map(String),
      };
    },
    close: context.close,
  };
}
