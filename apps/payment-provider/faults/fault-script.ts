import type { Operation, Provider } from '../ledger/payment.js';
import type { Store } from '../ledger/store.js';
import { onTheWebhook } from './disturbance.js';
import type { Disturbance, ReplyFault, WebhookFault } from './disturbance.js';

export type FaultTarget = Operation | 'ask' | '*';

export interface Fault {
  provider: Provider;
  operation: FaultTarget;
  kind: ReplyFault | WebhookFault;
  times: number;
  delayMs?: number;
}

interface FaultRow {
  id: number;
  kind: string;
  delayMs: number | null;
}

const webhookKinds = onTheWebhook.map((kind) => `'${kind}'`).join(', ');

/** Faults ordered by a test, used up one by one, oldest first. */
export class FaultScript {
  constructor(private readonly store: Store) {}

  add({ provider, operation, kind, times, delayMs }: Fault): void {
    this.store
      .prepare('insert into fault (provider, operation, kind, remaining, delay_ms) values (?, ?, ?, ?, ?)')
      .run(provider, operation, kind, times, delayMs ?? null);
  }

  list(): Fault[] {
    const sql = 'select provider, operation, kind, remaining as times, delay_ms as delayMs from fault order by id';
    return this.store.prepare(sql).all() as unknown as Fault[];
  }

  clear(): void {
    this.store.exec('delete from fault');
  }

  takeReplyFault(provider: Provider, operation: FaultTarget): Disturbance | undefined {
    return this.take(provider, operation, `kind not in (${webhookKinds})`) as Disturbance | undefined;
  }

  takeWebhookFault(provider: Provider, operation: FaultTarget): Disturbance<WebhookFault> | undefined {
    return this.take(provider, operation, `kind in (${webhookKinds})`) as Disturbance<WebhookFault> | undefined;
  }

  private take(provider: Provider, operation: FaultTarget, kinds: string): Disturbance<string> | undefined {
    const row = this.store
      .prepare(
        `select id, kind, delay_ms as delayMs from fault
          where provider = ? and operation in (?, '*') and remaining > 0 and ${kinds} order by id limit 1`,
      )
      .get(provider, operation) as FaultRow | undefined;
    if (!row) return undefined;
    const left = this.store
      .prepare('update fault set remaining = remaining - 1 where id = ? returning remaining')
      .get(row.id);
    if (left?.remaining === 0) this.store.prepare('delete from fault where id = ?').run(row.id);
    return { kind: row.kind, delayMs: row.delayMs ?? undefined };
  }
}
