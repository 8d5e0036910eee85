import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { Leadership, type LeaderTask } from './leadership.js';

class Task implements LeaderTask {
  readonly log: string[] = [];

  lead(epoch: number): void {
    this.log.push(`lead ${epoch}`);
  }

  async stepDown(): Promise<void> {
    this.log.push('step down');
  }
}

let notes: NotesOnPostgres;
const candidates: Leadership[] = [];
beforeEach(async () => void (notes = await NotesOnPostgres.create()));
afterEach(async () => {
  await Promise.all(candidates.splice(0).map((candidate) => candidate.release()));
  await notes.drop();
});

function candidate(heartbeatMs = 60_000, retryMs = 20) {
  const task = new Task();
  const database = notes.newDatabase(2);
  const leadership = new Leadership({ database, name: 'notes', tasks: [task], retryMs, heartbeatMs });
  candidates.push(leadership);
  leadership.start();
  return { leadership, task, database };
}

const holders = () =>
  notes.admin<{ pid: number }>(
    `select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`,
  );

describe('leadership', () => {
  it('is one process’s at a time, and handed over by releasing it', async () => {
    const all = [candidate(), candidate(), candidate()];
    await until('one leads', () => all.some(({ leadership }) => leadership.leads));
    const first = all.find(({ leadership }) => leadership.leads)!;
    await first.leadership.release();
    expect(first.task.log).toEqual(['lead 1', 'step down']);
    const others = all.filter((one) => one !== first);
    await until('another one leads', () => others.some(({ leadership }) => leadership.leads));
    expect(all.filter(({ leadership }) => leadership.leads)).toHaveLength(1);
    expect(others.flatMap(({ task }) => task.log)).toEqual(['lead 2']);
    expect(first.database.pool.totalCount).toBe(0);
  });

  it('passes on when the session is killed: the old tasks end, the epoch rises, nobody crashes', async () => {
    const [one, two] = [candidate(), candidate()];
    await until('one leads', () => one.leadership.leads || two.leadership.leads);
    const first = one.leadership.leads ? one : two;
    for (const { pid } of await holders()) await notes.admin('select pg_terminate_backend($1)', pid);
    await until('the first stepped down', () => first.task.log.includes('step down'));
    await until('somebody leads again', () => one.leadership.leads || two.leadership.leads);
    expect([...one.task.log, ...two.task.log].sort()).toEqual(['lead 1', 'lead 2', 'step down']);
    expect(await holders()).toHaveLength(1);
  });

  it('comes back after PostgreSQL was away for a while, without leaking connections', async () => {
    const { leadership, task, database } = candidate();
    await until('it leads', () => leadership.leads);
    for (const round of [1, 2, 3]) {
      for (const { pid } of await holders()) await notes.admin('select pg_terminate_backend($1)', pid);
      await until(`it leads again`, () => task.log.includes(`lead ${round + 1}`));
    }
    expect(database.pool.totalCount).toBe(1);
  });

  it('steps down when its heartbeat finds another leader elected', async () => {
    const { leadership, task } = candidate(300);
    await until('it leads', () => leadership.leads);
    await notes.rows('update leadership set epoch = 41');
    await until('it leads anew', () => task.log.length >= 3);
    expect(task.log).toEqual(['lead 1', 'step down', 'lead 42']);
  });

  it('is taken from a leader whose session gives no sign of life', async () => {
    const silent = candidate(60_000, 60_000); // nor does it run again
    await until('it leads', () => silent.leadership.leads);
    const other = candidate(300);
    await until('the other one leads', () => other.leadership.leads);
    await until('the silent one stepped down', () => silent.task.log.includes('step down'));
    expect(other.task.log[0]).toBe('lead 2');
  });

  it('can be released before it was won, and twice', async () => {
    const [one, two] = [candidate(), candidate()];
    await Promise.all([one.leadership.release(), two.leadership.release(), two.leadership.release()]);
    expect(await holders()).toEqual([]);
    expect(one.leadership.leads || two.leadership.leads).toBe(false);
  });
});
