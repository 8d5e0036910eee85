import { newId } from '@holdfast/messaging';
import { NotesOnPostgres, recordEffect } from '../fixture/notes-on-postgres.js';
import { consistencyToken, withConsistency } from '../projections/consistency.js';
import { AlreadyDone, Idempotency, type IdempotentRequest } from './idempotency.js';

let notes: NotesOnPostgres;
let idempotency: Idempotency;
beforeAll(async () => {
  notes = await NotesOnPostgres.create();
  idempotency = new Idempotency(notes.database, 'notes');
});
afterAll(() => notes.drop());

const request = (more: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
  principal: 'p',
  route: 'POST /notes',
  key: newId(),
  fingerprint: 'f',
  keepForHours: 1,
  ...more,
});
const write = (what: IdempotentRequest, n = 1, times = 1) =>
  idempotency.within(what, async () => {
    let result: { n: number } | undefined;
    for (let unit = 0; unit < times; unit++) {
      result = await notes.work.run((tx) => {
        tx.write(recordEffect, { handler: 'http', note: what.key, n: n + unit });
        return { n: n + unit };
      });
    }
    return result;
  });

describe('an idempotent request', () => {
  it('has one effect when it comes 50 times at once; the others find its record', async () => {
    const what = request();
    const tried = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => write(what, n)));
    const won = tried.filter((one) => one.status === 'fulfilled');
    const lost = tried.filter((one) => one.status === 'rejected');
    expect([won.length, lost.length]).toEqual([1, 49]);
    expect(lost.every(({ reason }) => reason instanceof AlreadyDone)).toBe(true);
    const effects = await notes.effects(what.key);
    expect(effects).toHaveLength(1);
    expect(await idempotency.find(what)).toEqual({ fingerprint: 'f', result: { n: effects[0] } });
  });

  it('that is repeated lets its reader see what it tells of, as the first one did', async () => {
    const what = request();
    await write(what);
    const [effect] = await notes.rows<{ xid: string }>(
      `select xmin::text as xid from effect where note = $1`,
      what.key,
    );
    const tokenAfter = (asked: IdempotentRequest) =>
      withConsistency(undefined, async () => {
        await idempotency.find(asked);
        return consistencyToken();
      });
    const token = (await tokenAfter(what))!;
    expect(token).toMatch(/^notes\.\d+$/);
    expect(Number(token.slice('notes.'.length))).toBeGreaterThanOrEqual(Number(effect!.xid));
    expect(await tokenAfter(request())).toBeUndefined();
  });

  it('shows the fingerprint of the first body, so that another one is found out', async () => {
    const what = request();
    await write(what);
    const other = { ...what, fingerprint: 'g' };
    await expect(write(other)).rejects.toThrow(AlreadyDone);
    expect((await idempotency.find(other))!.fingerprint).toBe('f');
  });

  it.each<[string, Partial<IdempotentRequest>]>([
    ['principal', { principal: 'q' }],
    ['route', { route: 'POST /other' }],
    ['key', { key: newId() }],
  ])('of another %s is another request', async (_, more) => {
    const what = request();
    await write(what);
    expect(await idempotency.find({ ...what, ...more })).toBeUndefined();
    await write({ ...what, ...more });
  });

  it('has no record when it failed, and may be sent again', async () => {
    const what = request();
    const failing = idempotency.within(what, () => notes.work.run((tx) => tx.lock('select 1 / 0')));
    await expect(failing).rejects.toThrow('division by zero');
    expect(await idempotency.find(what)).toBeUndefined();
    await write(what);
    expect(await notes.effects(what.key)).toEqual([1]);
  });

  it('is forgotten when its record expires', async () => {
    const what = request({ fingerprint: newId() });
    await write(what, 1);
    const past = `update idempotency set expires_at = clock_timestamp() - interval '1 s' where fingerprint = $1`;
    await notes.rows(past, what.fingerprint);
    expect(await idempotency.find(what)).toBeUndefined();
    await write(what, 2);
    expect((await idempotency.find(what))!.result).toEqual({ n: 2 });
  });

  it('may have nothing to answer', async () => {
    const what = request();
    await idempotency.within(what, () =>
      notes.work.run((tx) => tx.write(recordEffect, { handler: 'http', note: what.key, n: 1 })),
    );
    expect(await idempotency.find(what)).toEqual({ fingerprint: 'f', result: null });
    await expect(write(what)).rejects.toThrow(AlreadyDone);
  });

  it('is recorded once, by its first unit of work', async () => {
    const what = request();
    await write(what, 1, 3);
    expect((await idempotency.find(what))!.result).toEqual({ n: 1 });
    expect(await notes.effects(what.key)).toEqual([1, 2, 3]);
  });
});
