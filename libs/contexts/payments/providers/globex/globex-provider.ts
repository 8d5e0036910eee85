import { toDecimal } from '@holdfast/messaging';
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
import { signRequest } from './globex-signature.js';
import { readGlobexWebhook } from './globex-webhook.js';
import { GlobexInstruction, formOf, holdAnswer, movementAnswer, refusal } from './globex-words.js';

export interface GlobexOptions {
  /** Without `/api`: `https://globex.example/globex`. */
  url: string;
  apiKey: string;
  webhookSecrets: readonly string[];
  timeoutMs: number;
  /** Signatures carry the time. Default: the system clock. */
  clock?: () => number;
}

type GlobexReply =
  | { kind: 'instruction'; instruction: GlobexInstruction }
  | { kind: 'error'; status: number; code: string }
  | Lost;

const FORM = 'application/x-www-form-urlencoded';

/** Globex decides holds some time later, and forgets what it refused. It does not compare what is sent twice: we do. */
export class GlobexProvider implements PaymentProvider {
  private readonly clock: () => number;

  constructor(private readonly options: GlobexOptions) {
    this.clock = options.clock ?? Date.now;
  }

  async authorise({ key, orderId, amount, token }: AuthorisationRequest): Promise<AuthorisationAnswer> {
    const decimal = toDecimal(amount);
    const fields = {
      merchantRef: key,
      orderRef: orderId,
      amount: decimal,
      currency: amount.currency,
      cardToken: token,
    };
    const reply = await this.post('hold', fields);
    if (reply.kind === 'error' && reply.status === 400) return { kind: 'declined', reason: 'not-accepted' };
    if (reply.kind !== 'instruction') return unclear(reply);
    const { instruction } = reply;
    const ours = instruction.amount === decimal && instruction.currency === amount.currency;
    return ours ? holdAnswer(instruction) : lost('another amount under our key');
  }

  async askAuthorisation(key: string): Promise<AuthorisationAnswer> {
    const reply = await this.status(key);
    return reply.kind === 'instruction' ? holdAnswer(reply.instruction) : neverSeenOr(reply);
  }

  capture({ key, reference, amount }: MovementRequest): Promise<MovementAnswer> {
    return this.move('settle', { merchantRef: key, originalRef: reference, amount: toDecimal(amount) });
  }

  void({ key, reference }: MovementRequest): Promise<MovementAnswer> {
    return this.move('release', { merchantRef: key, originalRef: reference });
  }

  refund({ key, reference, amount }: MovementRequest): Promise<MovementAnswer> {
    return this.move('reverse', { merchantRef: key, originalRef: reference, amount: toDecimal(amount) });
  }

  async askMovement(key: string): Promise<MovementAnswer> {
    const reply = await this.status(key);
    return reply.kind === 'instruction' ? movementAnswer(reply.instruction) : neverSeenOr(reply);
  }

  readWebhook(webhook: SignedWebhook): WebhookReading {
    return readGlobexWebhook(webhook, this.options.webhookSecrets);
  }

  private async move(path: 'settle' | 'release' | 'reverse', fields: Record<string, string>): Promise<MovementAnswer> {
    const reply = await this.post(path, fields);
    if (reply.kind === 'error' && reply.status === 409) {
      return refusal(reply.code, path === 'release' ? path : undefined);
    }
    if (reply.kind !== 'instruction') return unclear(reply);
    const { originalRef, amount } = reply.instruction;
    const ours = originalRef === fields.originalRef && (fields.amount === undefined || amount === fields.amount);
    return ours ? movementAnswer(reply.instruction) : lost('another instruction under our key');
  }

  private status(key: string): Promise<GlobexReply> {
    return this.call('GET', `status?merchantRef=${encodeURIComponent(key)}`, { key });
  }

  private post(path: string, fields: Record<string, string>): Promise<GlobexReply> {
    return this.call('POST', path, { key: fields.merchantRef!, body: new URLSearchParams(fields).toString() });
  }

  private async call(
    method: 'GET' | 'POST',
    path: string,
    { key, body }: { key: string; body?: string },
  ): Promise<GlobexReply> {
    const url = new URL(`${this.options.url}/api/${path}`);
    const signed = signRequest(
      { method, path: url.pathname + url.search, body: body ?? '', now: this.clock() },
      this.options.apiKey,
    );
    const reply = await exchange({
      name: `globex ${method}`,
      method,
      url: url.href,
      headers: { ...signed, ...(body !== undefined && { 'content-type': FORM }) },
      body,
      contentType: FORM,
      timeoutMs: this.options.timeoutMs,
    });
    return reply.kind === 'unknown' ? reply : read(reply, { key, complete: method === 'POST' });
  }
}

/** @param complete whether the answer ends with the mark of a posted instruction */
function read(
  { status, body }: { status: number; body: string },
  { key, complete }: { key: string; complete: boolean },
): GlobexReply {
  const fields = formOf(body);
  if (status >= 400) {
    const code = fields?.status === 'ERROR' && fields.errorText !== undefined ? fields.errorCode : undefined;
    return code === undefined ? lost(`status ${status} without a readable error`) : { kind: 'error', status, code };
  }
  const instruction = GlobexInstruction.safeParse(fields);
  const whole = instruction.success && (!complete || instruction.data.duplicate !== undefined);
  if (!whole || instruction.data.merchantRef !== key) return lost(`status ${status} without a whole instruction`);
  return { kind: 'instruction', instruction: instruction.data };
}

const neverSeenOr = (reply: Exclude<GlobexReply, { kind: 'instruction' }>) =>
  reply.kind === 'error' && reply.status === 404 && reply.code === 'UNKNOWN_REF'
    ? ({ kind: 'never-seen' } as const)
    : unclear(reply);

const unclear = (reply: Exclude<GlobexReply, { kind: 'instruction' }>): Lost =>
  reply.kind === 'error' ? lost(`status ${reply.status} ${reply.code}`) : reply;
