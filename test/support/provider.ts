import { expecting, Client } from './client.js';

export interface ProviderFault {
  provider: 'acme' | 'globex';
  operation: 'authorise' | 'capture' | 'void' | 'refund' | 'ask' | '*';
  kind: string;
  times?: number;
  delayMs?: number;
}

/** A line in the provider's own ledger. Every listed movement has moved money, unless it was declined. */
export interface ProviderEntry {
  provider: string;
  key: string;
  operation: 'authorise' | 'capture' | 'void' | 'refund';
  id: string;
  paymentId: string;
  /** The order. */
  reference: string;
  amount: number;
  currency: string;
  outcome: 'pending' | 'done' | 'declined';
}

/** The other side: the payment providers, with faults on demand and a ledger of their own. */
export class Provider {
  private readonly control: Client;
  private readonly headers: Record<string, string>;

  constructor(url: string, controlKey: string) {
    this.control = new Client(url);
    this.headers = { 'x-control-key': controlKey };
  }

  async fault(fault: ProviderFault): Promise<void> {
    expecting(201, await this.control.request('POST', '/_control/faults', { body: fault, headers: this.headers }));
  }

  async clearFaults(): Promise<void> {
    expecting(204, await this.control.request('DELETE', '/_control/faults', { headers: this.headers }));
  }

  async faultsLeft(): Promise<ProviderFault[]> {
    type Left = { faults: ProviderFault[] };
    return expecting(200, await this.control.get<Left>('/_control/faults', { headers: this.headers })).faults;
  }

  async ledger(orderId?: string): Promise<ProviderEntry[]> {
    const query = orderId === undefined ? '' : `?reference=${orderId}`;
    type Ledger = { entries: ProviderEntry[] };
    return expecting(200, await this.control.get<Ledger>(`/_control/ledger${query}`, { headers: this.headers }))
      .entries;
  }

  async pending(): Promise<{ pendingWebhooks: number; pendingOutcomes: number; redirectsFollowed: number }> {
    type Health = { pendingWebhooks: number; pendingOutcomes: number; redirectsFollowed: number };
    return expecting(200, await this.control.get<Health>('/_control/health', { headers: this.headers }));
  }
}
