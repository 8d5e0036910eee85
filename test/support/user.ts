import { randomUUID } from 'node:crypto';
import { type Answer, Client, expecting } from './client.js';
import { eventually } from './eventually.js';
import type { OrderView, Page, PaymentView, ReturnView, ShipmentView, StockView, Tokens } from './views.js';

export interface Basket {
  /** Either one product … */
  sku?: string;
  quantity?: number;
  /** … or several. */
  lines?: { sku: string; quantity: number }[];
  provider?: 'acme' | 'globex';
  token?: string;
}

export const address = {
  name: 'Grace Brewster Hopper',
  street: '47 Compiler Lane',
  city: 'Arlington',
  postalCode: '22201',
  country: 'US',
};

export function orderOf({ sku = 'TEA-001', quantity = 1, lines, provider = 'acme', token = 'tok_ok' }: Basket = {}) {
  return { lines: lines ?? [{ sku, quantity }], paymentMethod: { provider, token }, shippingAddress: address };
}

export interface Credentials {
  email: string;
  password: string;
}

/** What nobody may ever find in a log: collected from everybody who logs in during a test. */
export interface Confidential {
  add(text: string): void;
}

/** Somebody with an account, logged in. */
export class User extends Client {
  private constructor(
    url: string,
    readonly credentials: Credentials,
    readonly id: string,
    public tokens: Tokens,
    private readonly confidential: Confidential,
  ) {
    super(url, () => this.tokens.accessToken);
  }

  static async logIn(url: string, credentials: Credentials, confidential: Confidential): Promise<User> {
    const nobody = new Client(url);
    const answer = await politely(() => nobody.post<Tokens>('/api/v1/auth/login', credentials));
    const tokens = expecting(200, answer);
    for (const secret of [credentials.email, credentials.password, tokens.accessToken, tokens.refreshToken]) {
      confidential.add(secret);
    }
    const me = expecting(200, await nobody.get<{ id: string }>('/api/v1/users/me', { token: tokens.accessToken }));
    return new User(url, credentials, me.id, tokens, confidential);
  }

  /** Logs in again: a token lives ten minutes, and some faults take longer. */
  async renew(): Promise<void> {
    this.tokens = (await User.logIn(this.url, this.credentials, this.confidential)).tokens;
  }

  static async register(url: string, confidential: Confidential): Promise<User> {
    const credentials = { email: `${randomUUID()}@shoppers.example`, password: `pass-${randomUUID()}` };
    const answer = await politely(() =>
      new Client(url).post('/api/v1/users', { ...credentials, name: 'Grace Hopper' }),
    );
    expecting(201, answer);
    return User.logIn(url, credentials, confidential);
  }

  tryPlaceOrder(basket: Basket = {}, key: string = randomUUID()): Promise<Answer<OrderView>> {
    return this.post<OrderView>('/api/v1/orders', orderOf(basket), { key });
  }

  async placeOrder(basket: Basket = {}, key?: string): Promise<OrderView> {
    return expecting(201, await this.tryPlaceOrder(basket, key));
  }

  async order(id: string, asOf?: string): Promise<OrderView> {
    const query = asOf === undefined ? '' : `?asOf=${encodeURIComponent(asOf)}`;
    return expecting(200, await this.get<OrderView>(`/api/v1/orders/${id}${query}`));
  }

  async history(id: string): Promise<{ version: number; type: string; at: string; reason?: string }[]> {
    type History = Page<{ version: number; type: string; at: string; reason?: string }>;
    return expecting(200, await this.get<History>(`/api/v1/orders/${id}/history`)).items;
  }

  async orders(query = ''): Promise<Page<OrderView>> {
    return expecting(200, await this.get<Page<OrderView>>(`/api/v1/orders${query}`));
  }

  cancel(id: string, key?: string): Promise<Answer<OrderView>> {
    return this.post<OrderView>(`/api/v1/orders/${id}/cancel`, undefined, key === undefined ? {} : { key });
  }

  async payment(orderId: string): Promise<PaymentView> {
    const { items } = expecting(200, await this.get<Page<PaymentView>>(`/api/v1/payments?orderId=${orderId}`));
    expect(items).toHaveLength(1);
    return items[0]!;
  }

  async shipments(orderId: string): Promise<ShipmentView[]> {
    return expecting(200, await this.get<Page<ShipmentView>>(`/api/v1/shipments?orderId=${orderId}`)).items;
  }

  refund(
    paymentId: string,
    body: unknown,
    key: string = randomUUID(),
  ): Promise<Answer<{ id: string; status: string }>> {
    return this.post(`/api/v1/payments/${paymentId}/refunds`, body, { key });
  }

  tryReturn(
    orderId: string,
    lines: { sku: string; quantity: number }[],
    { key = randomUUID(), reason }: { key?: string; reason?: string } = {},
  ): Promise<Answer<ReturnView>> {
    return this.post<ReturnView>(`/api/v1/orders/${orderId}/returns`, { lines, ...(reason && { reason }) }, { key });
  }

  async returns(orderId: string): Promise<ReturnView[]> {
    return expecting(200, await this.get<Page<ReturnView>>(`/api/v1/orders/${orderId}/returns`)).items;
  }

  async setStock(sku: string, onHand: number): Promise<StockView> {
    return expecting(200, await this.put<StockView>(`/api/v1/inventory/${sku}`, { onHand }));
  }

  /** Waits until the order has come this far, or has ended otherwise. */
  async reached(id: string, ...statuses: OrderView['status'][]): Promise<OrderView> {
    let last: OrderView | undefined;
    return eventually(
      async () => {
        last = await this.order(id);
        return statuses.includes(last.status) ? last : undefined;
      },
      { what: () => `order ${id} ${statuses.join(' or ')}; it is ${last?.status} (${last?.reason})`, withinMs: 30_000 },
    );
  }
}

/** Passwords are hashed a few at a time; who is asked to come back in a second comes back. */
async function politely<Body>(send: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  return eventually(
    async () => {
      const answer = await send();
      return answer.status === 503 ? undefined : answer;
    },
    { what: 'a password hashed', withinMs: 20_000, everyMs: 200 },
  );
}
