import {
  Type,
  defineCommand,
  newId,
  type AnyContract,
  type CommandContract,
  type EventContract,
  type Message,
  type Outgoing,
} from '@holdfast/messaging';
import { DEFAULT_BACKOFF_MS, NotHere, type MessageHandler } from '../inbox/handler.js';
import { appendToOutbox, outboxRow } from '../outbox/outbox.js';
import type { Transaction } from '../unit-of-work/transaction.js';
import { advance, begin, mustHappen, type Advance, type SagaInput, type SagaStatus } from './advance.js';
import { eventsOf, type Saga } from './define-saga.js';
import { SagaStore, type StoredSaga } from './saga-store.js';

/** A saga's durable alarm clock: an inbox row of its own context that falls due unless the saga moves on before. */
export function timerContract(context: string, saga: string): CommandContract {
  return defineCommand(
    `${context}.${saga}-timer`,
    1,
    Type.Object({ id: Type.String(), status: Type.String(), step: Type.Integer() }),
    { key: 'id' },
  ) as unknown as CommandContract;
}

/** Sagas wait for the database and each other's messages only, so they are patient: an hour of attempts, then parked. */
const MAX_ATTEMPTS = 12;

/** An instance that has just become stuck. */
export interface StuckSaga {
  saga: string;
  id: string;
  step: string;
  /** Whether it is an undo that nobody answers. */
  undoing: boolean;
  asks: number;
  /** The message being handled: until it is, nothing of this has happened. */
  messageId: string;
}

/** The definition that an instance runs on is not in this code: its messages wait until it is again, or another process has it. */
export class VersionGone extends NotHere {
  override readonly name = 'VersionGone';
}

/** What became of the wish to ask again: `not waiting` when nothing is to be asked again now. */
export type Resumed = 'resumed' | 'not waiting' | 'unknown';

/**
 * Runs the instances of one saga: each event it reads moves an instance, and instance, messages, timer and timeline are
 * committed together with the message's completion. An instance keeps the version of the definition that it started with.
 */
export class SagaRunner {
  readonly name: string;
  readonly timer: CommandContract;
  readonly handlerName: string;
  /** What new instances start on. */
  readonly newest: Saga<unknown>;
  private readonly store: SagaStore;

  constructor(
    context: string,
    private readonly versions: readonly Saga<unknown>[],
    private readonly gotStuck: (stuck: StuckSaga) => void = () => {},
  ) {
    this.newest = versions.reduce((newest, saga) => (saga.version > newest.version ? saga : newest));
    this.name = this.newest.name;
    this.handlerName = `saga-${this.name}`;
    this.timer = timerContract(context, this.name);
    this.store = new SagaStore(this.name, { handler: this.handlerName, timer: this.timer, context });
  }

  get knownVersions(): readonly number[] {
    return this.versions.map(({ version }) => version);
  }

  /** The handlers to add to the context's inbox. */
  handlers(): MessageHandler[] {
    const common = {
      name: this.handlerName,
      lane: '',
      maxAttempts: MAX_ATTEMPTS,
      backoffMs: DEFAULT_BACKOFF_MS,
    };
    const contracts = new Set(this.versions.flatMap((saga) => eventsOf(saga)));
    const events = [...contracts].map((contract) => ({
      ...common,
      contract,
      handle: (data: unknown, tx: Transaction, message: Message) => this.onEvent(tx, message, contract, data),
    }));
    const timer = {
      ...common,
      contract: this.timer as AnyContract,
      handle: (data: unknown, tx: Transaction, message: Message) =>
        this.onTimer(tx, message, data as { status: SagaStatus; step: number }),
    };
    return [...events, timer];
  }

  /**
   * The definition of a version.
   *
   * @throws VersionGone when this code does not have it (any more)
   */
  definition(version: number): Saga<unknown> {
    const saga = this.versions.find((candidate) => candidate.version === version);
    if (saga) return saga;
    const known = this.knownVersions.join(', ');
    throw new VersionGone(
      `Saga ${this.name} version ${version} is not in this code, which has ${known}, but an instance still runs on it: put the definition back and redrive`,
    );
  }

  /** Asks again now for what an instance has waited for, if that is something that must happen. */
  async resume(tx: Transaction, id: string): Promise<Resumed> {
    const found = await this.store.load(tx, id);
    if (!found) return 'unknown';
    if (hasEnded(found) || !mustHappen(this.definition(found.definitionVersion), found.instance)) return 'not waiting';
    this.move(tx, found, { kind: 'resumed' });
    return 'resumed';
  }

  private async onEvent(tx: Transaction, message: Message, contract: AnyContract, data: unknown): Promise<void> {
    const found = await this.store.load(tx, message.subject);
    if (found) return this.move(tx, found, { kind: 'event', type: contract.type, data }, message.id);
    if (contract.type !== this.newest.starts.event.type) return;
    const first = begin(this.newest, data);
    const identity = { id: message.subject, definitionVersion: this.newest.version, timerId: newId() };
    this.store.insert(tx, identity, first, { causedBy: message.id, idOf: send(tx, first) });
  }

  private async onTimer(
    tx: Transaction,
    message: Message,
    { status, step }: { status: SagaStatus; step: number },
  ): Promise<void> {
    const found = await this.store.load(tx, message.subject);
    if (found?.timerId !== message.id) return; // a clock that was replaced by another
    this.move(tx, found, { kind: 'timeout', status, step }, message.id);
  }

  private move(tx: Transaction, found: StoredSaga, input: SagaInput, causedBy?: string): void {
    if (hasEnded(found)) return;
    const saga = this.definition(found.definitionVersion);
    const next = advance(saga, found.instance, input);
    if (!next) return;
    const { id, instance } = found;
    const { stuck, asks, step, status } = next.instance;
    if (stuck && !instance.stuck && causedBy !== undefined) {
      const undoing = status === 'compensating';
      this.gotStuck({ saga: this.name, id, step: saga.steps[step]!.name, undoing, asks, messageId: causedBy });
    }
    this.store.update(tx, found, next, { causedBy, idOf: send(tx, next) });
  }
}

function hasEnded({ instance: { status } }: StoredSaga): boolean {
  return status === 'completed' || status === 'compensated';
}

/** Sends what a move sends; gives the ids under which it goes. */
function send(tx: Transaction, { send: outgoing }: Advance<unknown>): (sent: Outgoing) => string | undefined {
  const ids = new Map<Outgoing, string>();
  for (const one of outgoing) {
    const message = tx.compose(one as Outgoing<EventContract | CommandContract>);
    ids.set(one, message.id);
    tx.write(appendToOutbox, outboxRow(message));
  }
  return (sent) => ids.get(sent);
}
