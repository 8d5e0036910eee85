import type { AnyContract, Message } from '@holdfast/messaging';
import type { MessageHandler } from '../inbox/handler.js';
import type { Transaction } from '../unit-of-work/transaction.js';
import type { Chance } from './chance.fixture.js';
import { recordEffect, saveThing } from './model-writes.fixture.js';
import type { Provider } from './provider.fixture.js';
import * as say from './travel-contracts.fixture.js';
import type { Trip, TripCommand, TripEvent } from './travel-contracts.fixture.js';

export const CONTEXTS = ['travel', 'rooms', 'bank'] as const;
export type ContextName = (typeof CONTEXTS)[number];

export const ROOMS = 2;

interface Thing {
  status: string;
  count: number;
  version: number;
}

const NONE: Thing = { status: 'none', count: 0, version: 0 };

interface Surroundings {
  provider: Provider;
  /** Own dice of the handlers: whether one fails for no reason, or takes a lock. */
  chance: Chance;
  /** How often a handler fails for no reason. */
  clumsiness: () => number;
}

interface Handling {
  data: Trip;
  tx: Transaction;
  thing: Thing;
  save: (status: string) => void;
  tell: (event: TripEvent) => void;
}

/** The handlers of the three contexts, as a careful team writes them. */
export function travelHandlers({ provider, chance, clumsiness }: Surroundings): Record<ContextName, MessageHandler[]> {
  const look = async (tx: Transaction, id: string): Promise<Thing> =>
    (
      await tx.read<Thing & Record<string, unknown>>('select status, count, version from thing where id = $1', [id])
    )[0] ?? NONE;

  const handler = (
    name: string,
    contract: AnyContract,
    handle: (handling: Handling) => unknown,
    lane = '',
  ): MessageHandler => ({
    name,
    contract,
    lane,
    maxAttempts: 4,
    backoffMs: [50, 400, 2_000],
    handle: async (input: unknown, tx: Transaction, message: Message) => {
      const data = input as Trip;
      if (chance.happens(0.2)) {
        await tx.lock('select pg_current_xact_id()'); // an id of now, a commit of later
        if (chance.happens(0.5)) await tx.read('select status, count, version from thing where id = $1', ['-']);
      }
      const thing = await look(tx, data.tripId);
      const save = (status: string) =>
        tx.write(saveThing, { id: data.tripId, status, count: 0, version: thing.version + 1 });
      await handle({ data, tx, thing, save, tell: (event) => tx.emit(event, data) });
      tx.write(recordEffect, { message_id: message.id, handler: name, key: message.subject });
      if (chance.happens(clumsiness())) throw new Error('stumbled');
    },
  });

  const simply = (name: string, contract: TripCommand, answer: TripEvent) =>
    handler(name, contract as AnyContract, ({ thing, save, tell }) => {
      if (thing.status !== name) save(name);
      tell(answer);
    });

  const listen = (name: string, contract: AnyContract, lane = '') => handler(name, contract, () => {}, lane);

  async function holdRoom({ thing, tx, save, tell }: Handling): Promise<void> {
    if (thing.status === 'held') return tell(say.RoomHeld);
    if (thing.status === 'released') return; // the answer to a question nobody has any more
    const hotel = await look(tx, 'hotel');
    const left = hotel.version === 0 ? ROOMS : hotel.count;
    if (left === 0) {
      save('refused');
      return tell(say.RoomRefused);
    }
    tx.write(saveThing, { id: 'hotel', status: 'open', count: left - 1, version: hotel.version + 1 });
    save('held');
    tell(say.RoomHeld);
  }

  async function releaseRoom({ thing, tx, save, tell }: Handling): Promise<void> {
    if (thing.status === 'held') {
      const hotel = await look(tx, 'hotel');
      tx.write(saveThing, { id: 'hotel', status: 'open', count: hotel.count + 1, version: hotel.version + 1 });
    }
    if (thing.status !== 'released') save('released');
    tell(say.RoomReleased);
  }

  async function takeMoney({ data, thing, save, tell }: Handling): Promise<void> {
    if (thing.status === 'taken') return tell(say.MoneyTaken);
    if (thing.status === 'returned') return;
    const taken = await provider.call('take', data.tripId, data.card);
    save(taken ? 'taken' : 'refused');
    tell(taken ? say.MoneyTaken : say.MoneyRefused);
  }

  async function returnMoney({ data, thing, save, tell }: Handling): Promise<void> {
    if (thing.status === 'taken') await provider.call('return', data.tripId, data.card);
    if (thing.status !== 'returned') save('returned');
    tell(say.MoneyReturned);
  }

  return {
    travel: [
      ...say.tripRunner.handlers(),
      simply('confirm', say.ConfirmTrip, say.TripConfirmed),
      listen('diary', say.TripNoted as AnyContract),
    ],
    rooms: [
      handler('hold', say.HoldRoom as AnyContract, holdRoom),
      handler('release', say.ReleaseRoom as AnyContract, releaseRoom),
      simply('assign', say.AssignRoom, say.RoomAssigned),
      listen('guest-book', say.TripNoted as AnyContract, 'guest-book'),
      listen('porter', say.TripNoted as AnyContract),
      listen('board', say.TripOff as AnyContract, 'board'),
    ],
    bank: [
      handler('take', say.TakeMoney as AnyContract, takeMoney),
      handler('return', say.ReturnMoney as AnyContract, returnMoney),
      listen('statement', say.TripNoted as AnyContract),
    ],
  };
}
