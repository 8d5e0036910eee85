import { connectNats, newId, type Message } from '@holdfast/messaging';
import { createInbox, headers } from '@nats-io/transport-node';
import { inFull } from '../../../test/support/faults/report.js';
import { NatsServer } from '../../../test/support/nats-server.js';
import { recorder, until, written } from '../fixture/notes-on-postgres.js';
import { ConformanceGround, noteNames, type HandlersByContext } from './conformance-ground.fixture.js';
import { asOperator, jetStreamBelt } from './jetstream-belt.fixture.js';

const NEVER = 3_600_000; // ms
const [COUNT, KILLS] = inFull ? [150, 4] : [60, 2];
const STREAM = 'HOLDFAST_notes';
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const from = (first: number, count: number) => oneTo(count).map((n) => first - 1 + n);

let server: NatsServer;
let ground: ConformanceGround;
let complaints: string[];
beforeAll(async () => void ([server, ground] = [await NatsServer.start(), await ConformanceGround.create()]), 60_000);
const belt = (inspectEveryMs?: number) =>
  jetStreamBelt(
    () => server,
    (part, error) => complaints.push(`${part}: ${String(error)}`),
    inspectEveryMs,
  );
beforeEach(() => {
  complaints = [];
  return ground.clear(belt());
});
afterEach(() => ground.end());
afterAll(async () => {
  await ground.drop();
  await server.remove();
});

const readers = (): HandlersByContext => ({ library: [recorder('shelf')], archive: [recorder('box')] });

async function expectEach(notes: readonly string[], numbers: readonly number[]): Promise<void> {
  for (const note of notes) {
    expect(await ground.effects('library', note)).toEqual(numbers);
    expect(await ground.effects('archive', note)).toEqual(numbers);
  }
}

/** What the stream holds, in order. */
async function streamed(): Promise<Message[]> {
  return asOperator(server, async (jsm) => {
    const { state } = await jsm.streams.info(STREAM);
    const stored = oneTo(state.last_seq).map((seq) => jsm.streams.getMessage(STREAM, { seq }));
    return (await Promise.all(stored)).map((message) => message!.json<Message>());
  });
}

async function outboxIds(): Promise<string[]> {
  const rows = await ground
    .of('notes')
    .rows<{ id: string }>('select message_id as id from outbox order by xid, position');
  return rows.map(({ id }) => id);
}

describe('the JetStream conveyor and its broker', () => {
  it('keeps in its stream an ordered copy of the outbox', async () => {
    const process = await ground.process(readers());
    const notes = noteNames(5);
    await Promise.all(notes.map((note) => ground.tell(note, oneTo(40), process)));
    await ground.quiet();
    expect((await streamed()).map(({ id }) => id)).toEqual(await outboxIds());
  });

  it('loses, doubles and reorders nothing when the broker is killed again and again under load', async () => {
    const process = await ground.process(readers());
    const notes = noteNames(4);
    const telling = Promise.all(notes.map((note) => ground.tell(note, oneTo(COUNT), process)));
    for (const kill of oneTo(KILLS)) {
      await until(
        `some of it is through`,
        async () => (await ground.effects('library', notes[0]!)).length >= kill * 10,
      );
      await server.end('SIGKILL');
      await server.restart();
    }
    await telling;
    await ground.quiet();
    await expectEach(notes, oneTo(COUNT));
  }, 60_000);

  it.each(['under load', 'at rest'])(
    'is filled again when the broker lost its whole store %s',
    async (when) => {
      const process = await ground.process(readers());
      const notes = noteNames(3);
      for (const note of notes) await ground.tell(note, oneTo(20), process);
      if (when === 'at rest') await ground.quiet();
      const telling = when === 'at rest' ? [] : notes.map((note) => ground.tell(note, from(21, 40), process));
      await server.end('SIGKILL');
      server.wipe();
      await server.restart();
      await Promise.all(telling);
      await until('the stream is whole again', async () => {
        const held = await streamed().catch(() => []);
        return held.length === (await outboxIds()).length;
      });
      await ground.quiet();
      expect((await streamed()).map(({ id }) => id)).toEqual(await outboxIds());
      await expectEach(notes, when === 'at rest' ? oneTo(20) : oneTo(60));
    },
    60_000,
  );

  it('gives a reader that never saw it what the broker forgot before it was read', async () => {
    const teller = await ground.process({});
    const [note] = noteNames(1) as [string];
    await ground.tell(note, oneTo(30), teller);
    await until('it is carried', async () => (await streamed().catch(() => [])).length === 30);
    await server.end('SIGKILL');
    server.wipe();
    await server.restart();
    await ground.process(readers());
    await until('all is read', async () => (await ground.effects('archive', note)).length === 30);
    await ground.quiet();
    await expectEach([note], oneTo(30));
  }, 60_000);

  it('gets what a broker that was restored from a backup does not have', async () => {
    const process = await ground.process(readers());
    const [note] = noteNames(1) as [string];
    await ground.tell(note, oneTo(20), process);
    await ground.quiet();
    await server.end('SIGTERM');
    server.backUp();
    await server.restart();
    await ground.tell(note, from(21, 20), process);
    await ground.quiet();
    await server.end('SIGKILL');
    server.restore();
    await server.restart();
    await ground.tell(note, from(41, 5), process);
    await until('the rest is there again', async () => (await streamed().catch(() => [])).length === 45);
    await ground.quiet();
    expect((await streamed()).map(({ id }) => id)).toEqual(await outboxIds());
    await expectEach([note], oneTo(45));
  }, 60_000);

  it('finds out a stream that is deleted while it has nothing to say', async () => {
    const process = await ground.process(readers());
    const [note] = noteNames(1) as [string];
    await ground.tell(note, oneTo(10), process);
    await ground.quiet();
    await asOperator(server, (jsm) => jsm.streams.delete(STREAM));
    await until('it is filled again', async () => (await streamed().catch(() => [])).length === 10);
    await ground.tell(note, from(11, 5), process);
    await ground.quiet();
    await expectEach([note], oneTo(15));
  }, 60_000);

  it('gives a reader whose inbox was restored from a backup everything again, once its consumer is deleted', async () => {
    const process = await ground.process(readers());
    const [note] = noteNames(1) as [string];
    await ground.tell(note, oneTo(10), process);
    await ground.quiet();
    await ground.of('library').admin('truncate notes.inbox, notes.effect');
    await asOperator(server, (jsm) => jsm.consumers.delete(STREAM, 'library'));
    await until('it has read', async () => (await ground.effects('library', note)).length === 10);
    await ground.quiet();
    await expectEach([note], oneTo(10));
  });

  it('goes on when a broker that had stopped answering goes on', async () => {
    const process = await ground.process(readers());
    const notes = noteNames(2);
    for (const note of notes) await ground.tell(note, oneTo(10), process);
    server.freeze();
    const { length } = complaints;
    for (const note of notes) await ground.tell(note, from(11, 10), process); // the world goes on
    await until('it is noticed', () => complaints.length > length, 30_000);
    server.thaw();
    await ground.quiet();
    await expectEach(notes, oneTo(20));
  }, 60_000);

  it.each([
    ['while it reads', 'a delivery went astray'],
    ['before it began', undefined],
  ])('gets what the broker would give to a connection that is gone, and that asked %s', async (when, said) => {
    const process = await ground.process(readers());
    const [note] = noteNames(1) as [string];
    await ground.tell(note, oneTo(3), process);
    await ground.quiet();
    if (when === 'before it began') await process.bury();
    const gone = await connectNats({ url: server.url, name: 'gone' }); // the broker has not noticed yet
    const reply = createInbox();
    gone.subscribe(reply, { callback: () => {} });
    for (let pull = 0; pull < 50; pull++) gone.publish(`$JS.API.CONSUMER.MSG.NEXT.${STREAM}.library`, '1', { reply });
    await gone.flush();
    const reader = when === 'before it began' ? await ground.process(readers()) : process;
    await ground.tell(note, from(4, 3), reader);
    await ground.quiet();
    await expectEach([note], oneTo(6));
    const astray = complaints.filter((complaint) => complaint.includes('astray'));
    expect(astray).toEqual(said ? [expect.stringContaining(said)] : []);
    await gone.close();
  });

  it('takes nothing from a writer that was overtaken', async () => {
    await ground.clear(belt(NEVER)); // or the writer may look and know
    const [note] = noteNames(1) as [string];
    const { conveyor: stale, process } = await ground.entrance(readers());
    await ground.tell(note, oneTo(5), process);
    await ground.quiet();
    const { conveyor: fresh } = await ground.entrance({});
    await fresh.lastCarried('notes', () => {});
    const place = { xid: '99999999', position: 1 };
    await fresh.carry([written(note, 6)], [place]);
    await expect(stale.carry([written(note, 7)], [place])).rejects.toMatchObject({ name: 'StaleWriter' });
    await until('the one that was elected is read', async () => {
      const read = await Promise.all([ground.effects('library', note), ground.effects('archive', note)]);
      return read.every((numbers) => numbers.length === 6);
    });
    await expectEach([note], oneTo(6));
  });

  it('takes nothing from a batch of which the first was refused, whatever stands in its place', async () => {
    await ground.clear(belt(NEVER)); // or the writer may look and know
    const [note] = noteNames(1) as [string];
    const { conveyor: stale, process } = await ground.entrance(readers());
    await ground.tell(note, [1], process);
    await ground.quiet(); // its relay has looked where the stream ends, and will not look again in the midst of this
    const { conveyor: fresh } = await ground.entrance({});
    const place = { xid: '99999999', position: 1 };
    for (const count of [1, 2, 70]) {
      for (const conveyor of [stale, fresh]) await conveyor.lastCarried('notes', () => {});
      const told = from(100 * count, count).map((n) => written(note, n));
      await fresh.carry(told, told.map(() => place)); // oxfmt-ignore
      const batch = oneTo(200).map(() => written(note, 7));
      await expect(stale.carry(batch, batch.map(() => place))).rejects.toMatchObject({ name: 'StaleWriter' }); // oxfmt-ignore
      expect((await streamed()).slice(-count)).toEqual(told);
    }
    await ground.quiet();
  });

  it('keeps the order of a long batch of which it has some already, one after another or here and there', async () => {
    const [note] = noteNames(1) as [string];
    const { conveyor } = await ground.entrance(readers());
    const all = oneTo(300).map((n) => written(note, n));
    await conveyor.carry(all.slice(0, 100));
    await conveyor.carry(all.slice(50, 300)); // the first 50 are known
    expect((await streamed()).map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    const more = oneTo(200).map((n) => written(note, 300 + n));
    const here = [...more.slice(0, 70), all[3]!, ...more.slice(70, 140), all[200]!, ...more.slice(140)];
    await conveyor.carry(here);
    expect((await streamed()).map(({ id }) => id)).toEqual([...all, ...more].map(({ id }) => id));
    await ground.quiet();
    await expectEach([note], oneTo(500));
  });

  it('passes over what no relay has put there', async () => {
    const process = await ground.process(readers());
    const [note] = noteNames(1) as [string];
    await ground.tell(note, oneTo(3), process);
    await ground.quiet();
    const intruder = await connectNats({ url: server.url, name: 'intruder' });
    const damaged = { ...written(note, 9), id: 'not an id' };
    const foreign = { ...written(note, 9), source: 'elsewhere' };
    const noSuchDay = { ...written(note, 9), dueat: '2026-02-31T00:00:00Z' };
    const endless = { ...written(note, 9), subject: Array.from({ length: 300 }, () => newId()).join() };
    const envelopes = [damaged, foreign, noSuchDay, endless].map((one) => JSON.stringify(one));
    const half = JSON.stringify(written(note, 9, { text: '?' })).replace('?', String.raw`\uDEAD`);
    for (const text of ['', 'no json', '[]', '{"id":1}', half, ...envelopes]) {
      await intruder.request('evt.notes.note-written.v1', text, { timeout: 2_000, headers: headers() });
    }
    await intruder.close();
    await ground.tell(note, from(4, 3), process);
    await until('the rest is read', async () => (await ground.effects('archive', note)).length === 6);
    await ground.quiet();
    await expectEach([note], oneTo(6));
    expect(complaints.filter((complaint) => complaint.includes('skipped')).length).toBeGreaterThanOrEqual(18);
  });

  it('makes streams and consumers anew for whoever comes, as often as they come', async () => {
    const [note] = noteNames(1) as [string];
    const handlers = readers();
    const processes = await Promise.all([ground.process(handlers), ground.process(handlers), ground.process(handlers)]);
    await ground.tell(note, oneTo(10), processes[2]);
    await ground.quiet();
    const consumers = await asOperator(server, async (jsm) => {
      const names: string[] = [];
      for await (const { name, config } of jsm.consumers.list(STREAM)) names.push(`${name} ${config.ack_policy}`);
      return names.sort();
    });
    expect(consumers).toEqual(['archive all', 'library all']);
    await expectEach([note], oneTo(10));
  });
});
