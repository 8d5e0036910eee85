import type {
  AuthorisationAnswer,
  AuthorisationRequest,
  MovementAnswer,
  MovementRequest,
  PaymentProvider,
  SignedWebhook,
  WebhookReading,
} from '../../provider.js';
import { exchange, lost, type Lost } from '../exchange.js';
import { jsonOf, readAcmeWebhook } from './acme-webhook.js';
import { AcmeError, chargeAnswer, operationAnswer, refusal } from './acme-words.js';

export interface AcmeOptions {
  /** Without the version: `https://api.acme.example/acme`. */
  url: string;
  apiKey: string;
  webhookSecrets: readonly string[];
  timeoutMs: number;
}

interface AcmeReply {
  kind: 'reply';
  status: number;
  body: unknown;
  errorCode: string | null;
}

/** Acme decides at once, remembers every key for ever and repeats its first answer, refusals included. */
export class AcmeProvider implements PaymentProvider {
  constructor(private readonly options: AcmeOptions) {}

  async authorise({
    key,
    orderId,
    amount: { amount, currency },
    token,
  }: AuthorisationRequest): Promise<AuthorisationAnswer> {
    const charge = { amount, currency, source: token, capture: false, reference: orderId };
    const reply = await this.post('charges', key, charge);
    if (reply.kind === 'unknown') return reply;
    if (reply.status === 201) return chargeAnswer(reply.body, key);
    if (reply.status === 400 && reply.errorCode === 'invalid_request')
      return { kind: 'declined', reason: 'not-accepted' };
    return unclear(reply);
  }

  async askAuthorisation(key: string): Promise<AuthorisationAnswer> {
    const reply = await this.get('charges', key);
    if (reply.kind === 'unknown') return reply;
    return reply.status === 200 ? chargeAnswer(reply.body, key) : neverSeenOr(reply);
  }

  capture({ key, reference, amount: { amount } }: MovementRequest): Promise<MovementAnswer> {
    return this.move(`charges/${encodeURIComponent(reference)}/capture`, key, { amount });
  }

  void({ key, reference }: MovementRequest): Promise<MovementAnswer> {
    return this.move(`charges/${encodeURIComponent(reference)}/void`, key, {}, 'void');
  }

  refund({ key, reference, amount: { amount } }: MovementRequest): Promise<MovementAnswer> {
    return this.move(`charges/${encodeURIComponent(reference)}/refunds`, key, { amount });
  }

  async askMovement(key: string): Promise<MovementAnswer> {
    const reply = await this.get('operations', key);
    if (reply.kind === 'unknown') return reply;
    return reply.status === 200 ? operationAnswer(reply.body, key) : neverSeenOr(reply);
  }

  readWebhook(webhook: SignedWebhook): WebhookReading {
    return readAcmeWebhook(webhook, this.options.webhookSecrets);
  }

  private async move(path: string, key: string, body: object, what?: 'void'): Promise<MovementAnswer> {
    const reply = await this.post(path, key, body);
    if (reply.kind === 'unknown') return reply;
    if (reply.status === 201) return operationAnswer(reply.body, key);
    return reply.status === 409 && reply.errorCode !== null ? refusal(reply.errorCode, what) : unclear(reply);
  }

  private get(path: string, key: string): Promise<AcmeReply | Lost> {
    return this.call('GET', `${path}?idempotency_key=${encodeURIComponent(key)}`, {});
  }

  private post(path: string, key: string, body: object): Promise<AcmeReply | Lost> {
    return this.call(
      'POST',
      path,
      { 'idempotency-key': key, 'content-type': 'application/json' },
      JSON.stringify(body),
    );
  }

  private async call(
    method: 'GET' | 'POST',
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<AcmeReply | Lost> {
    const { url, apiKey, timeoutMs } = this.options;
    const reply = await exchange({
      name: `acme ${method}`,
      method,
      url: `${url}/v1/${path}`,
      headers: { ...headers, authorization: `Bearer ${apiKey}`, accept: 'application/json' },
      body,
      contentType: 'application/json',
      timeoutMs,
    });
    if (reply.kind === 'unknown') return reply;
    const content = jsonOf(reply.body);
    if (content === undefined) return lost(`status ${reply.status} with a body that is not JSON`);
    return { ...reply, body: content, errorCode: AcmeError.safeParse(content).data?.error.code ?? null };
  }
}

const neverSeenOr = (reply: AcmeReply) =>
  reply.status === 404 && reply.errorCode === 'never_seen' ? ({ kind: 'never-seen' } as const) : unclear(reply);

const unclear = ({ status, errorCode }: AcmeReply): Lost => lost(`status ${status} ${errorCode ?? ''}`.trim());
