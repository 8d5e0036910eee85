import {
  Type,
  defineCommand,
  defineEvent,
  seal,
  type AnyContract,
  type CommandContract,
  type EventContract,
} from '@holdfast/messaging';
import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import type { MessageHandler } from '../inbox/handler.js';
import type { RoadOptions } from '../road/road.js';
import { defineSaga, on, type Saga, type Step } from './define-saga.js';
import { SagaOperations } from './saga-operations.js';
import { SagaRunner, type StuckSaga } from './saga-runner.js';

const schema = Type.Object({ id: Type.String() });
export type ToyEvent = EventContract<typeof schema>;
export type ToyCommand = CommandContract<typeof schema>;
const event = (name: string): ToyEvent => defineEvent(`notes.${name}`, 1, schema, { key: 'id' });
const command = (name: string): ToyCommand => defineCommand(`notes.${name}`, 1, schema, { key: 'id' });

export const Started = event('started');
export const Opened = event('opened');
export const Shut = event('shut');
export const Checked = event('checked');
export const Refused = event('refused');
export const Closed = event('closed');
export const Over = event('over');
const commands = {
  open: command('open'),
  shutter: command('shutter'),
  check: command('check'),
  close: command('close'),
};
type CommandName = keyof typeof commands;

type State = { id: string };
const same = (_: unknown, state: State) => state;

export interface ToyOptions {
  patienceMs?: number;
  /** Of the first step; default as the others. */
  openPatienceMs?: number;
  /** Of its undo; default as the step. */
  undoPatienceMs?: number;
  version?: number;
  stuckAfter?: number;
}

const openStep = (patienceMs: number, undoPatienceMs: number): Step<State> => ({
  name: 'open',
  do: (state) => commands.open.of(state),
  done: on(Opened, same),
  undo: (state) => commands.shutter.of(state),
  undone: on(Shut, same),
  patienceMs,
  undoPatienceMs,
});
const checkStep = (patienceMs: number): Step<State> => ({
  name: 'check',
  do: (state) => commands.check.of(state),
  done: on(Checked, same),
  patienceMs,
});
const closeStep = (patienceMs: number): Step<State> => ({
  name: 'close',
  pivot: true,
  do: (state) => commands.close.of(state),
  done: on(Closed, same),
  failed: on(Refused, () => 'refused'),
  patienceMs,
});

/** Opens, then closes: the smallest saga with an undo and a pivot; version 2 also checks. */
export function toy({
  patienceMs = 60_000,
  openPatienceMs = patienceMs,
  undoPatienceMs = openPatienceMs,
  version = 1,
  stuckAfter,
}: ToyOptions = {}): Saga {
  const check = version === 1 ? [] : [checkStep(patienceMs)];
  return defineSaga<State>({
    name: 'toy',
    version,
    starts: on(Started, ({ id }) => ({ id })),
    steps: [openStep(openPatienceMs, undoPatienceMs), ...check, closeStep(patienceMs)],
    interrupts: [],
    turned: () => [],
    compensated: (state) => Over.of(state),
    ...(stuckAfter !== undefined && { stuckAfter }),
  }) as Saga;
}

export type Answers = Partial<Record<CommandName, ToyEvent>>;

/** A saga with a neighbour that answers as told, or is silent; on roads that a test starts and stops. */
export class ToyOnPostgres {
  readonly asked: string[] = [];
  readonly alarms: StuckSaga[] = [];
  /** May be changed while it runs. */
  answers: Answers = {};

  private constructor(readonly notes: NotesOnPostgres) {}

  static async create(): Promise<ToyOnPostgres> {
    return new ToyOnPostgres(await NotesOnPostgres.create());
  }

  /** Another process that runs these versions. */
  run(versions: Saga[] = [toy()], more: Partial<RoadOptions> & { start?: boolean } = {}): SagaOperations {
    const runner = new SagaRunner('notes', versions, (stuck) => this.alarms.push(stuck));
    const road = this.notes.road([...runner.handlers(), ...this.neighbour()], more);
    return new SagaOperations({ context: 'notes', database: road.database, work: road.work, runners: [runner] });
  }

  private neighbour(): MessageHandler[] {
    return Object.entries(commands).map(([name, contract]): MessageHandler => ({
      name: 'neighbour',
      contract: contract as AnyContract,
      lane: 'neighbour',
      maxAttempts: 3,
      backoffMs: [1],
      handle: (data, tx) => {
        this.asked.push(name);
        const answer = this.answers[name as CommandName];
        if (answer) tx.emit(answer, data as State);
      },
    }));
  }

  tell(contract: ToyEvent, id: string): Promise<void> {
    return this.notes.conveyor.carry([seal(contract.of({ id }), { source: 'notes', time: new Date() })]);
  }

  async status(id: string): Promise<string | undefined> {
    const [row] = await this.notes.rows<{ status: string }>(`select status from saga where id = $1`, id);
    return row?.status;
  }

  ends(id: string, status: string): Promise<void> {
    return until(`${id} is ${status}`, async () => (await this.status(id)) === status);
  }

  idle(): Promise<void> {
    const waiting = `inbox where done_at is null and parked_at is null and position is not null`;
    const untold = `outbox o, relay_cursor c where (o.xid, o.position) > (c.xid, c.position)`;
    return until(
      'nothing moves',
      async () => (await this.notes.count(waiting)) + (await this.notes.count(untold)) === 0,
    );
  }

  openTimers(id: string): Promise<number> {
    return this.notes.count(
      `inbox where type = 'notes.toy-timer.v1' and done_at is null and envelope ->> 'subject' = '${id}'`,
    );
  }

  /** After each test: no road, no message, nothing remembered. */
  async reset(): Promise<void> {
    await this.notes.stopRoads();
    await this.notes.admin('truncate notes.inbox, notes.outbox, notes.saga');
    this.asked.length = 0;
    this.alarms.length = 0;
    this.notes.handled.length = 0;
    this.answers = {};
  }
}
