// Follows the log while others write to it, and remembers every event it was given.
import { setTimeout as pause } from 'node:timers/promises';
import { Database, EventStore, LOG_START, defineStream } from '../../dist/libs/data-consistency/index.js';
import { connect, poolOf } from '../../dist/libs/host/context/connect.js';
import { roleUrl } from '../../dist/libs/database/index.js';

const parcels = defineStream('parcel', { initial: undefined, evolve: (_, fact) => fact });

export async function start({ adminUrl }) {
  const source = await connect({
    context: { name: 'parcels', entities: [] },
    url: roleUrl(adminUrl, 'parcels'),
    poolSize: 2,
  });
  const events = new EventStore(new Database(poolOf(source)));
  const seen = new Set();
  let twice = 0;
  let after = LOG_START;
  const stopped = new AbortController();

  const turn = async () => {
    const page = await events.readLog(parcels, { after, limit: 1_000 });
    for (const { streamId, version } of page.events) {
      const place = `${streamId}/${version}`;
      if (seen.has(place)) twice++;
      seen.add(place);
    }
    const last = page.events.at(-1);
    if (last) after = { xid: last.xid, position: last.position };
    return page;
  };
  const follow = async () => {
    while (!stopped.signal.aborted) if ((await turn()).events.length === 0) await pause(1);
  };
  const running = follow();

  return {
    /** Reads on until the log has no more, then says what it was given. */
    async result() {
      stopped.abort();
      await running;
      for (let page = await turn(); page.events.length > 0 || !page.settled; page = await turn());
      return { seen: seen.size, twice };
    },
    close: () => source.destroy(),
  };
}
