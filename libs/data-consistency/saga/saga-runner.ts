import {
  Type,
  defineCommand,
  newId,
  type AnyContract,
  type CommandContract,
  type DataOf,
  type EventContract,
  type Message,
  type Outgoing,
} from '@holdfast/messaging';
import { DEFAULT_BACKOFF_MS, type MessageHandler } from '../inbox/handler.js';
import type { Transaction } from '../unit-of-work/transaction.js';
import { advance, begin, type Advance, type SagaInput, type SagaStatus } from './advance.js';
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

/**
 * Runs the instances of one saga: each event it reads moves an instance, and instance, messages, timer and timeline are
 * committed together with the message's completion.
 */
export class SagaRunner {
  private readonly store: SagaStore;
  private readonly timer: CommandContract;
  private readonly handlerName: string;

  constructor(
    context: string,
    private readonly versions: readonly Saga<unknown>[],
  ) {
    const { name } = this.current;
    this.handlerName = `saga-${name}`;
    this.timer = timerContract(context, name);
    this.store = new SagaStore(name, { handler: this.handlerName, timer: this.timer, context });
  }

  /** The handlers to add to the context's inbox. */
  handlers(): MessageHandler[] {
    const common = { name: this.handlerName, lane: '', maxAttempts: MAX_ATTEMPTS, backoffMs: DEFAULT_BACKOFF_MS };
    const contracts = new Set(this.versions.flatMap((saga) => eventsOf(saga)));
    return [
      ...[...contracts].map((contract) => ({
        ...common,
        contract,
        handle: (data: unknown, tx: Transaction, message: Message) => this.onEvent({ contract, data, tx, message }),
      })),
      {
        ...common,
        contract: this.timer,
        handle: (data: unknown, tx: Transaction, message: Message) =>
          this.onTimer(data as DataOf<typeof this.timer>, tx, message),
      },
    ];
  }

  private async onEvent({
    contract,
    data,
    tx,
    message,
  }: {
    contract: AnyContract;
    data: unknown;
    tx: Transaction;
    message: Message;
  }): Promise<void> {
    const found = await this.store.load(tx, message.subject);
    if (found) return this.move(tx, found, { kind: 'event', type: contract.type, data }, message);
    if (contract !== this.current.starts.event) return;
    const first = begin(this.current, data);
    this.store.insert(
      tx,
      { id: message.subject, definitionVersion: this.current.version, timerId: newId() },
      first,
      message.id,
    );
    this.send(tx, first);
  }

  private async onTimer(data: unknown, tx: Transaction, message: Message): Promise<void> {
    const { status, step } = data as { status: SagaStatus; step: number };
    const found = await this.store.load(tx, message.subject);
    if (found) await this.move(tx, found, { kind: 'timeout', status, step }, message);
  }

  private async move(tx: Transaction, found: StoredSaga, input: SagaInput, message: Message): Promise<void> {
    const saga = this.versions.find(({ version }) => version === found.definitionVersion);
    if (!saga)
      throw new Error(
        `Saga ${this.current.name} version ${found.definitionVersion} is not in this code any more, but an instance still runs on it`,
      );
    const next = advance(saga, found.instance, input);
    if (!next) return;
    this.store.update(tx, found, next, message.id);
    this.send(tx, next);
  }

  private send(tx: Transaction, { send }: Advance<unknown>): void {
    for (const { contract, data } of send as Outgoing[]) {
      if (contract.kind === 'event') tx.emit(contract as EventContract, data as never);
      else tx.send(contract as CommandContract, data as never);
    }
  }

  private get current(): Saga<unknown> {
    return this.versions.reduce((newest, saga) => (saga.version > newest.version ? saga : newest));
  }
}
