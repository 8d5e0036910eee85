import { afterMovement, refusalOf } from './payment.js';
import type { Entry, Movement, Payment, Provider, Refusal } from './payment.js';
import { atomically } from './store.js';
import type { Store } from './store.js';

export interface AuthoriseRequest {
  provider: Provider;
  key: string;
  id: string;
  reference: string;
  amount: number;
  currency: string;
  declineReason?: string;
  fingerprint: string;
  webhookDelayMs: number;
  /** Absent: decided at once. */
  decidedAfterMs?: number;
}

export interface MoveRequest {
  payment: Payment;
  movement: Movement;
  key: string;
  id: string;
  amount?: number;
  fingerprint: string;
  /** True: a refusal is the lasting answer for this key. */
  keepRefusal: boolean;
}

const undecided = { verdict: null, dueAt: null };

const entryColumns = `provider, key, operation, id, payment_id as paymentId, reference, amount, currency, outcome, reason,
  fingerprint, at, webhook_delay_ms as webhookDelayMs`;

/** What really happened to the money. Everything that changes here is on disk before anybody is told. */
export class Ledger {
  constructor(
    private readonly store: Store,
    private readonly announce: (entry: Entry) => void,
  ) {}

  find(provider: Provider, key: string): Entry | undefined {
    const sql = `select ${entryColumns} from entry where provider = ? and key = ?`;
    return this.store.prepare(sql).get(provider, key) as Entry | undefined;
  }

  payment(provider: Provider, id: string): Payment | undefined {
    const sql = 'select * from payment where provider = ? and id = ?';
    return this.store.prepare(sql).get(provider, id) as Payment | undefined;
  }

  /** Every effect and every declined authorisation, oldest first; refused movements moved nothing and are left out. */
  entries({ provider, reference }: { provider?: Provider; reference?: string }): Entry[] {
    const sql = `select ${entryColumns} from entry where outcome <> 'refused'
      and provider = coalesce(?, provider) and reference = coalesce(?, reference) order by position`;
    return this.store.prepare(sql).all(provider ?? null, reference ?? null) as unknown as Entry[];
  }

  authorise(request: AuthoriseRequest): Entry {
    return atomically(this.store, () => {
      const { id, provider, key, reference, currency, amount, fingerprint, webhookDelayMs } = request;
      const payment = { id, provider, key, reference, currency };
      this.savePayment({ ...payment, state: 'pending', authorised: amount, captured: 0, refunded: 0 });
      this.insert(
        {
          provider,
          key,
          operation: 'authorise',
          id,
          paymentId: id,
          reference,
          amount,
          currency,
          outcome: 'pending',
          reason: null,
          fingerprint,
          webhookDelayMs,
        },
        { verdict: request.declineReason ?? null, dueAt: Date.now() + (request.decidedAfterMs ?? 0) },
      );
      return request.decidedAfterMs === undefined ? this.decide(provider, key) : this.find(provider, key)!;
    });
  }

  /** Decides the authorisations whose time has come. */
  decideDue(now: number): void {
    const due = this.store
      .prepare(`select provider, key from entry where outcome = 'pending' and due_at <= ?`)
      .all(now);
    for (const { provider, key } of due as unknown as Entry[]) atomically(this.store, () => this.decide(provider, key));
  }

  nextDecisionAt(): number | undefined {
    const row = this.store.prepare(`select min(due_at) as due from entry where outcome = 'pending'`).get();
    return (row?.due as number | null) ?? undefined;
  }

  pending(): number {
    return this.store.prepare(`select count(*) as n from entry where outcome = 'pending'`).get()!.n as number;
  }

  move(request: MoveRequest): { entry: Entry } | { refusal: Refusal } {
    const { payment, movement, key, keepRefusal } = request;
    const amount = request.amount ?? this.find(payment.provider, payment.key)!.amount;
    const refusal = refusalOf(payment, movement, amount);
    if (refusal && !keepRefusal) return { refusal };
    return atomically(this.store, () => {
      if (!refusal) this.savePayment(afterMovement(payment, movement, amount));
      this.insert({
        provider: payment.provider,
        key,
        operation: movement,
        id: request.id,
        paymentId: payment.id,
        reference: payment.reference,
        amount,
        currency: payment.currency,
        outcome: refusal ? 'refused' : 'done',
        reason: refusal ?? null,
        fingerprint: request.fingerprint,
        webhookDelayMs: 0,
      });
      const entry = this.find(payment.provider, key)!;
      if (!refusal) this.announce(entry);
      return { entry };
    });
  }

  private decide(provider: Provider, key: string): Entry {
    const row = this.store
      .prepare(
        `update entry set outcome = iif(verdict is null, 'done', 'declined'), reason = verdict
          where provider = ? and key = ? and outcome = 'pending' returning payment_id, outcome`,
      )
      .get(provider, key)!;
    const state = row.outcome === 'done' ? 'authorised' : 'declined';
    this.store
      .prepare(`update payment set state = ?, authorised = iif(? = 'declined', 0, authorised) where id = ?`)
      .run(state, state, row.payment_id);
    const entry = this.find(provider, key)!;
    this.announce(entry);
    return entry;
  }

  private insert(row: Omit<Entry, 'at'>, pending: { verdict: string | null; dueAt: number | null } = undecided): void {
    this.store
      .prepare(
        `insert into entry (provider, key, operation, id, payment_id, reference, amount, currency, outcome, reason,
           fingerprint, webhook_delay_ms, verdict, due_at, at)
         values ($provider, $key, $operation, $id, $paymentId, $reference, $amount, $currency, $outcome, $reason,
           $fingerprint, $webhookDelayMs, $verdict, $dueAt, $at)`,
      )
      .run({ ...row, ...pending, at: new Date().toISOString() });
  }

  private savePayment(payment: Payment): void {
    this.store
      .prepare(
        `insert into payment (id, provider, key, reference, currency, state, authorised, captured, refunded)
         values ($id, $provider, $key, $reference, $currency, $state, $authorised, $captured, $refunded)
         on conflict (id) do update
         set state = excluded.state, captured = excluded.captured, refunded = excluded.refunded`,
      )
      .run({ ...payment });
  }
}
