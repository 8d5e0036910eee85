import {
  Type,
  defineCommand,
  defineEvent,
  type CommandContract,
  type DataOf,
  type EventContract,
} from '@holdfast/messaging';
import { defineSaga, on, type Saga } from '../saga/define-saga.js';
import { SagaRunner } from '../saga/saga-runner.js';

const schema = Type.Object({ tripId: Type.String(), card: Type.String() });
const key = { key: 'tripId' as const };

export type Trip = DataOf<{ schema: typeof schema }>;
export type TripEvent = EventContract<typeof schema>;
export type TripCommand = CommandContract<typeof schema>;

const event = (name: string): TripEvent => defineEvent(name, 1, schema, key);
const command = (name: string): TripCommand => defineCommand(name, 1, schema, key);

export const TripAsked = event('travel.trip-asked');
export const TripNoted = defineEvent(
  'travel.trip-noted',
  1,
  Type.Object({ tripId: Type.String(), n: Type.Integer() }),
  key,
);
export const TripConfirmed = event('travel.trip-confirmed');
export const TripOff = event('travel.trip-off');
export const TripWithdrawn = event('travel.trip-withdrawn');
export const ConfirmTrip = command('travel.confirm-trip');

export const HoldRoom = command('rooms.hold-room');
export const ReleaseRoom = command('rooms.release-room');
export const AssignRoom = command('rooms.assign-room');
export const RoomHeld = event('rooms.room-held');
export const RoomRefused = event('rooms.room-refused');
export const RoomReleased = event('rooms.room-released');
export const RoomAssigned = event('rooms.room-assigned');

export const TakeMoney = command('bank.take-money');
export const ReturnMoney = command('bank.return-money');
export const MoneyTaken = event('bank.money-taken');
export const MoneyRefused = event('bank.money-refused');
export const MoneyReturned = event('bank.money-returned');

const same = (_: Trip, state: Trip) => state;

/** A trip: a room, money for it, then there is no way back, then the room's key. */
const trip = defineSaga<Trip>({
  name: 'trip',
  version: 1,
  starts: on(TripAsked, ({ tripId, card }): Trip => ({ tripId, card })),
  steps: [
    {
      name: 'hold a room',
      do: (state) => HoldRoom.of(state),
      done: on(RoomHeld, same),
      failed: on(RoomRefused, () => 'no room'),
      undo: (state) => ReleaseRoom.of(state),
      undone: on(RoomReleased, same),
      patienceMs: 6_000,
    },
    {
      name: 'take the money',
      do: (state) => TakeMoney.of(state),
      done: on(MoneyTaken, same),
      failed: on(MoneyRefused, () => 'no money'),
      undo: (state) => ReturnMoney.of(state),
      undone: on(MoneyReturned, same),
      patienceMs: 8_000,
    },
    {
      name: 'confirm',
      pivot: true,
      do: (state) => ConfirmTrip.of(state),
      done: on(TripConfirmed, same),
      patienceMs: 5_000,
    },
    { name: 'hand over the key', do: (state) => AssignRoom.of(state), done: on(RoomAssigned, same), patienceMs: 5_000 },
  ],
  interrupts: [on(TripWithdrawn, () => 'withdrawn')],
  turned: () => [],
  compensated: (state) => TripOff.of(state),
});

export const tripRunner = new SagaRunner('travel', [trip as unknown as Saga]);
