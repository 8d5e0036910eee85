import { newId } from '@holdfast/messaging';
import type { QueryResultRow } from 'pg';
import type { Database } from '../database/database.js';

/** Something an operator does by hand. */
export interface OperatorAct {
  /** The principal's id. */
  who: string;
  /** A verb: `redrive`, `rebuild`. */
  what: string;
  /** `<kind>/<id>`: `message/0190…`, `projection/balances`. */
  target: string;
  reason?: string;
}

/** One line of the trail: a fact that was recorded, or something an operator did. Without data: they may be confidential. */
export interface AuditEntry {
  id: string;
  kind: 'fact' | 'operator';
  at: Date;
  /** Null: nobody asked, a message or a timer did it. */
  who: string | null;
  what: string;
  /** `<stream type>/<stream id>` or the target of the act. */
  target: string;
  /** Of a fact: its place in the stream. */
  version: number | null;
  correlationId: string | null;
  causationId: string | null;
  /** Of an operator's act: what came of it; null while nobody knows. */
  outcome: 'done' | 'nothing-to-do' | 'failed' | null;
  reason: string | null;
}

interface TrailQuery {
  /** `<stream type>/<stream id>`, or the target of an act. */
  target?: string;
  who?: string;
  /** Id of the last entry of the page before. */
  before?: string;
  limit: number;
}

const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const FACT = `
  select event_id as id, 'fact' as kind, recorded_at as at, metadata ->> 'by' as who, type as what,
         stream_type || '/' || stream_id as target, version, metadata ->> 'correlationId' as "correlationId",
         metadata ->> 'causationId' as "causationId", null as outcome, null as reason
  from event`;
const ACT = `
  select a.action_id as id, 'operator' as kind, a.at, a.who, a.what, a.target, null::int as version,
         null as "correlationId", null as "causationId", o.outcome, a.reason
  from operator_action a left join operator_action o on o.action_id = a.action_id and o.outcome <> 'asked'`;

const page = (facts: string, acts: string) => `
  (${FACT} where event_id < $1 ${facts} order by event_id desc limit $2) union all
  (${ACT} where a.outcome = 'asked' and a.action_id < $1 ${acts} order by a.action_id desc limit $2)
  order by id desc limit $2`;

const OF_TARGET = page(`and stream_type = $3 and stream_id = $4`, `and a.target = $3 || '/' || $4`);
const OF_PRINCIPAL = page(`and metadata ->> 'by' = $3`, `and a.who = $3`);
const OF_BOTH = page(
  `and stream_type = $3 and stream_id = $4 and metadata ->> 'by' = $5`,
  `and a.target = $3 || '/' || $4 and a.who = $5`,
);
const OF_OPERATORS = `${ACT} where a.outcome = 'asked' and a.action_id < $1 order by a.action_id desc limit $2`;

/**
 * Who did what, from the record itself: every fact names who asked for it, and what operators do by hand is recorded beside
 * it. The app role can add to both and read them, but neither change nor delete.
 *
 * @example
 * await trail.record({ who: operator.id, what: 'redrive', target: `message/${id}` }, () => operations.redrive(id));
 * const entries = await trail.entries({ target: `account/${accountId}`, limit: 20 });
 */
export class AuditTrail {
  constructor(private readonly database: Database) {}

  /** Newest first: of a stream or target, of a principal, or of both; of neither: what operators did. */
  async entries({ target, who, before = NEWEST, limit }: TrailQuery): Promise<AuditEntry[]> {
    const read = (text: string, ...values: string[]) =>
      this.database.read<AuditEntry & QueryResultRow>(text, [before, limit, ...values]);
    if (target === undefined) return who === undefined ? read(OF_OPERATORS) : read(OF_PRINCIPAL, who);
    const slash = target.indexOf('/');
    const stream = [target.slice(0, slash), target.slice(slash + 1)];
    return who === undefined ? read(OF_TARGET, ...stream) : read(OF_BOTH, ...stream, who);
  }

  /**
   * Records that an operator asked for something, does it, and records what came of it. What cannot be recorded is not
   * done; an act that a crash cut off, or whose outcome cannot be written down, stays in the trail without one.
   *
   * @param act resolves to false when there was nothing to do
   */
  async record<R>(what: OperatorAct, act: () => Promise<R>): Promise<R> {
    const id = newId();
    await this.write(id, 'asked', what);
    const result = await act().catch(async (error: unknown) => {
      await this.write(id, 'failed', what).catch(() => undefined); // the act's own error matters more
      throw error;
    });
    await this.write(id, result === false ? 'nothing-to-do' : 'done', what);
    return result;
  }

  private async write(id: string, outcome: string, { who, what, target, reason }: OperatorAct): Promise<void> {
    await this.database.read(
      `insert into operator_action (action_id, outcome, who, what, target, reason) values ($1, $2, $3, $4, $5, $6)`,
      [id, outcome, who, what, target, reason ?? null],
    );
  }
}
