import { defineWrite } from '@holdfast/data-consistency';
import type { Transaction } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import type { Reservation, ReservationState } from './domain/reservation.js';

interface ReservationRow {
  order_id: string;
  state: ReservationState;
  lines: Reservation['lines'];
  missing: Reservation['missing'];
  expires_at: Date | null;
  version: number;
}

const saveReservation = defineWrite<ReservationRow>(
  'inventory.save-reservation',
  { order_id: 'uuid', state: 'text', lines: 'jsonb', missing: 'jsonb', expires_at: 'timestamptz', version: 'integer' },
  `insert into reservation (order_id, state, lines, missing, expires_at, version)
   select order_id, state, lines, missing, expires_at, version from rows
   on conflict (order_id) do update set state = excluded.state, version = excluded.version
     where reservation.version = excluded.version - 1`,
);

const BY_ORDER = `
  select order_id, state, lines, missing, expires_at, version from reservation where order_id = $1`;

@Injectable()
export class ReservationStore {
  async find(tx: Transaction, orderId: string): Promise<Reservation | undefined> {
    return reservationOf(await tx.read<ReservationRow>(BY_ORDER, [orderId]));
  }

  /** For what moves stock: always before the stock itself. */
  async lock(tx: Transaction, orderId: string): Promise<Reservation | undefined> {
    return reservationOf(await tx.lock<ReservationRow>(`${BY_ORDER} for update`, [orderId]));
  }

  save(tx: Transaction, reservation: Reservation): void {
    tx.write(saveReservation, {
      order_id: reservation.orderId,
      expires_at: reservation.expiresAt,
      ...rest(reservation),
    });
  }
}

function reservationOf([row]: ReservationRow[]): Reservation | undefined {
  return row && { orderId: row.order_id, expiresAt: row.expires_at, ...rest(row) };
}

const rest = ({ state, lines, missing, version }: ReservationRow | Reservation) => ({ state, lines, missing, version });
