import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { sqlState, wasRefused } from './errors.js';

interface Connection extends EventEmitter {
  attachListeners(stream: Duplex): void;
}

/** A statement that lets another follow it without waiting for its answer. */
export interface Followed {
  /** Sends the other one on the client it is given. Called once the statement is on its way, by clients that can do this. */
  behind?: (client: pg.ClientBase) => void;
}

/** What came from the other end is no PostgreSQL protocol, or not what was asked for. SQLSTATE 08P01: it is a connection failure. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer';
  readonly code = '08P01';

  constructor(cause: unknown) {
    super('PostgreSQL, or what stands between, sent what cannot be read; the connection is closed', { cause });
  }
}

/**
 * A `pg` client whose process survives what happens to its connection:
 *
 * - Nonsense from the other end. The driver reads answers in a listener of its socket, so what it cannot read would be
 *   thrown into the event loop. Here it ends that one connection: its queries fail with {@link UnreadableAnswer}, and the
 *   pool opens another.
 * - An end between two users. A pool takes its listener away as it hands a client over; when the answer to the last query
 *   and the news of the end arrive in one packet, nobody listens in between. The next query says what happened.
 * - A statement that PostgreSQL refused, for its data or because somebody was faster. A pool closes the connection of every
 *   statement that failed, but after these it is as good as before, and making another one is by far the dearest part of a
 *   conflict (measured: 3.2 ms of this process's CPU instead of 0.2).
 *
 * It also sends a statement {@link Followed.behind} another at once: PostgreSQL goes on from one to the next, and nobody waits
 * for a round trip in between. Each stands or falls by itself.
 *
 * @example const pool = new pg.Pool({ connectionString, Client: SturdyClient });
 */
export class SturdyClient extends pg.Client {
  declare pipeline: boolean;
  private giveBack?: GiveBack;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
    const send = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = ((...args: unknown[]) => {
      const sent = send(...args);
      const { behind } = args[0] as Followed;
      if (behind) {
        this.pipeline = true; // from now on: what is asked while something is under way is sent behind it
        behind(this);
      }
      return sent;
    }) as typeof this.query;
    const { connection } = this as unknown as { connection: Connection };
    const attach = connection.attachListeners.bind(connection);
    // What the driver makes of a message it does not know: an error of the server, but without a SQLSTATE.
    connection.prependListener('errorMessage', (error: { code?: string; message?: string }) => {
      if (error.code === undefined) throw new Error(error.message);
    });
    // Called for the plain socket, or for the one inside TLS, whichever the answers come from.
    connection.attachListeners = (stream) => {
      const before = new Set(stream.listeners('data'));
      attach(stream);
      for (const read of stream.listeners('data')) if (!before.has(read)) guard(stream, read as Read);
    };
  }

  /** Gives it back to its pool, which says how whenever it hands it out. */
  get release(): GiveBack | undefined {
    return this.giveBack;
  }

  set release(giveBack: GiveBack) {
    this.giveBack = (broken) => giveBack(isAsBefore(broken) ? undefined : broken);
  }
}

type GiveBack = (broken?: Error | boolean) => void;

/** What PostgreSQL refuses for its data (class 21 to 23), because somebody was faster (40, 55P03), or by a function of ours. */
const OF_DATA = /^(2[123]|40|55P03|HF)/;

/**
 * Whether a connection is as good as before this error. Others may be its own, such as a prepared statement whose tables were
 * altered: it would fail again and again.
 */
function isAsBefore(error: unknown): boolean {
  return wasRefused(error) && OF_DATA.test(sqlState(error)!);
}

type Read = (chunk: Buffer) => void;

function guard(stream: Duplex, read: Read): void {
  stream.removeListener('data', read);
  stream.on('data', (chunk: Buffer) => {
    if (stream.destroyed) return;
    try {
      read(chunk);
    } catch (error) {
      stream.destroy(new UnreadableAnswer(error));
    }
  });
}
