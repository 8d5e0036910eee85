import type { Provider } from '../ledger/payment.js';
import type { Store } from '../ledger/store.js';
import type { Disturbance } from './disturbance.js';

interface Behaviour {
  declineReason?: string;
  webhookDelayMs?: number;
  /** What goes wrong on the first, second, … call with one key. */
  disturbances?: Record<Provider, Disturbance[]>;
}

const lostReply: Disturbance[] = [{ kind: 'lose-reply' }];
const hang: Disturbance[] = [{ kind: 'hang' }];

const behaviours: Record<string, Behaviour> = {
  tok_ok: {},
  tok_declined: { declineReason: 'card_declined' },
  tok_timeout_then_ok: { disturbances: { acme: hang, globex: hang } },
  tok_unknown_then_ok: { webhookDelayMs: 1_000, disturbances: { acme: lostReply, globex: lostReply } },
  tok_flaky: {
    disturbances: {
      acme: [{ kind: 'error500' }, { kind: 'error503' }],
      globex: [{ kind: 'error503' }, { kind: 'html' }],
    },
  },
};

export const declineReasonOf = (token: string): string | undefined => behaviourOf(token).declineReason;

export const webhookDelayOf = (token: string): number => behaviourOf(token).webhookDelayMs ?? 0;

function behaviourOf(token: string): Behaviour {
  return Object.hasOwn(behaviours, token) ? behaviours[token] : { declineReason: 'invalid_token' };
}

/** Remembers on disk how often each key was tried, so that a restart does not start the trouble over again. */
export class PaymentTokens {
  constructor(private readonly store: Store) {}

  disturb(provider: Provider, key: string, token: string): Disturbance | undefined {
    const disturbances = behaviourOf(token).disturbances?.[provider];
    if (!disturbances) return undefined;
    const row = this.store
      .prepare(
        `insert into attempt (provider, key, made) values (?, ?, 1)
          on conflict (provider, key) do update set made = made + 1 returning made`,
      )
      .get(provider, key)!;
    return disturbances[(row.made as number) - 1];
  }
}
