import { Alarm } from '../alarm.js';
import type { FaultScript } from '../faults/fault-script.js';
import type { Entry, Provider } from '../ledger/payment.js';
import type { Store } from '../ledger/store.js';

/** How one provider writes and signs its webhooks. */
export interface WebhookStyle {
  contentType: string;
  write(entry: Entry): string;
  sign(body: string, now: number): Record<string, string>;
}

interface WebhookRow {
  id: number;
  provider: Provider;
  body: string;
  attempts: number;
  created_at: number;
  due_at: number;
}

const maxInFlight = 32;
const answerWithinMs = 5_000;
const firstRetryMs = 200;
const longestRetryMs = 30_000;
const giveUpAfterMs = 15 * 60_000;
const duplicateAfterMs = 50;

/** Delivers every outcome at least once: written with the effect, sent until a 2xx or until it gives up. */
export class WebhookPost {
  private readonly inFlight = new Map<number, Promise<void>>();
  private readonly alarm = new Alarm(
    () => this.waiting()[0]?.due_at,
    () => this.sendDue(),
  );

  constructor(
    private readonly store: Store,
    private readonly script: FaultScript,
    private readonly styles: Record<Provider, WebhookStyle>,
    private readonly baseUrl: string,
  ) {}

  /** Called inside the ledger's transaction. */
  enqueue(entry: Entry): void {
    const fault = this.script.takeWebhookFault(entry.provider, entry.operation);
    const body = this.styles[entry.provider].write(entry);
    const delayMs = fault?.kind === 'delay-webhook' ? (fault.delayMs ?? 2_000) : entry.webhookDelayMs;
    const dueAt = Date.now() + delayMs;
    this.insert(entry.provider, body, fault?.kind === 'drop-webhook' ? 'dropped' : 'pending', dueAt);
    if (fault?.kind === 'duplicate-webhook') {
      this.insert(entry.provider, body, 'pending', dueAt + (fault.delayMs ?? duplicateAfterMs));
    }
    setImmediate(() => this.alarm.set());
  }

  start(): void {
    this.alarm.set();
  }

  async stop(): Promise<void> {
    this.alarm.stop();
    await Promise.all(this.inFlight.values());
  }

  pending(): number {
    return this.store.prepare(`select count(*) as n from webhook where state = 'pending'`).get()!.n as number;
  }

  private sendDue(): void {
    const now = Date.now();
    for (const row of this.waiting()) {
      if (row.due_at > now || this.inFlight.size >= maxInFlight) return;
      const sending = this.send(row).finally(() => {
        this.inFlight.delete(row.id);
        this.alarm.set();
      });
      this.inFlight.set(row.id, sending);
    }
  }

  private async send(row: WebhookRow): Promise<void> {
    const delivered = await this.post(row);
    const attempts = row.attempts + 1;
    const now = Date.now();
    const state = delivered ? 'delivered' : now - row.created_at > giveUpAfterMs ? 'given-up' : 'pending';
    const dueAt = now + Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempts - 1, 10));
    this.store
      .prepare('update webhook set state = ?, attempts = ?, due_at = ? where id = ?')
      .run(state, attempts, dueAt, row.id);
  }

  private async post({ provider, body }: WebhookRow): Promise<boolean> {
    const style = this.styles[provider];
    try {
      const response = await fetch(`${this.baseUrl}/${provider}`, {
        method: 'POST',
        headers: { 'content-type': style.contentType, ...style.sign(body, Date.now()) },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(answerWithinMs),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  private waiting(): WebhookRow[] {
    if (this.inFlight.size >= maxInFlight) return [];
    const sql = `select * from webhook where state = 'pending' order by due_at, id limit ${2 * maxInFlight}`;
    const rows = this.store.prepare(sql).all() as unknown as WebhookRow[];
    return rows.filter((row) => !this.inFlight.has(row.id));
  }

  private insert(provider: Provider, body: string, state: 'pending' | 'dropped', dueAt: number): void {
    this.store
      .prepare('insert into webhook (provider, body, state, created_at, due_at) values (?, ?, ?, ?, ?)')
      .run(provider, body, state, Date.now(), dueAt);
  }
}
