import {
  refuseRefund,
  requestCapture,
  requestPayment,
  requestRefund,
  requestVoid,
  settleAuthorisation,
  settleCapture,
  settleRefund,
  settleVoid,
} from './decisions.js';
import { journalOf } from './ledger.js';
import {
  NO_PAYMENT,
  evolve,
  isVisibleTo,
  refundableOf,
  statusOf,
  type Payment,
  type PaymentFact,
  type Terms,
} from './payment.js';

const terms: Terms = {
  paymentId: '01926f3e-0000-7000-8000-000000000001',
  orderId: '01926f3e-0000-7000-8000-000000000002',
  customerId: '01926f3e-0000-7000-8000-000000000003',
  provider: 'acme',
  amount: { amount: 900, currency: 'EUR' },
  requestedAt: '2026-11-20T09:00:00.000Z',
};
const REFUND = '01926f3e-0000-7000-8000-00000000000a';
const OTHER = '01926f3e-0000-7000-8000-00000000000b';

const facts = {
  requested: { type: 'payment-requested', data: terms },
  authorised: { type: 'payment-authorised', data: { providerReference: 'ch_1' } },
  declined: { type: 'payment-declined', data: { reason: 'card-declined' } },
  voidRequested: { type: 'void-requested', data: {} },
  voided: { type: 'payment-voided', data: {} },
  captureRequested: { type: 'capture-requested', data: { amount: 900 } },
  captured: { type: 'payment-captured', data: { amount: 900 } },
  refundRequested: { type: 'refund-requested', data: { refundId: REFUND, amount: 300 } },
  refunded: { type: 'payment-refunded', data: { refundId: REFUND, amount: 300 } },
  refundRefused: { type: 'refund-refused', data: { refundId: REFUND, because: 'not-captured' } },
} as const satisfies Record<string, PaymentFact>;

type Name = keyof typeof facts;

const after = (...names: Name[]): Payment => names.map((name) => facts[name] as PaymentFact).reduce(evolve, NO_PAYMENT);

const LIVES = {
  absent: after(),
  'voided before it was asked for': after('voided'),
  requested: after('requested'),
  'requested, to be voided': after('requested', 'voidRequested'),
  'voided unseen': after('requested', 'voidRequested', 'voided'),
  authorised: after('requested', 'authorised'),
  'authorised, to be voided': after('requested', 'authorised', 'voidRequested'),
  'authorised after it was voided': after('requested', 'voidRequested', 'voided', 'authorised'),
  declined: after('requested', 'declined'),
  voided: after('requested', 'authorised', 'voidRequested', 'voided'),
  capturing: after('requested', 'authorised', 'captureRequested'),
  'capturing, to be voided': after('requested', 'authorised', 'captureRequested', 'voidRequested'),
  captured: after('requested', 'authorised', 'captureRequested', 'captured'),
  refunding: after('requested', 'authorised', 'captureRequested', 'captured', 'refundRequested'),
  'partly refunded': after('requested', 'authorised', 'captureRequested', 'captured', 'refundRequested', 'refunded'),
};
type Life = keyof typeof LIVES;

const DECISIONS = {
  authorised: (payment: Payment) => settleAuthorisation(payment, { kind: 'authorised', reference: 'ch_1' }),
  declined: (payment: Payment) => settleAuthorisation(payment, { kind: 'declined', reason: 'card-declined' }),
  neverSeen: (payment: Payment) => settleAuthorisation(payment, { kind: 'never-seen' }),
  requestVoid: (payment: Payment) => requestVoid(payment, OTHER),
  settleVoid,
  requestCapture,
  settleCapture: (payment: Payment) => settleCapture(payment, OTHER),
};

// What each decision answers in each life: fact types, `-` for nothing to do, `!` for a refusal.
const TABLE: Record<Life, string[]> = {
  // authorised, declined, neverSeen, requestVoid, settleVoid, requestCapture, settleCapture
  absent: ['-', '-', '-', 'payment-voided', '-', '! not-authorised', '-'],
  'voided before it was asked for': ['-', '-', '-', '-', '-', '-', '-'],
  requested: ['payment-authorised', 'payment-declined', '-', 'void-requested', '-', '! not-authorised', '-'],
  'requested, to be voided': [
    'payment-authorised',
    'payment-declined payment-voided',
    'payment-voided',
    '-',
    '-',
    '-',
    '-',
  ],
  'voided unseen': ['payment-authorised', 'payment-declined', '-', '-', '-', '-', '-'],
  authorised: ['-', '-', '-', 'void-requested', '-', 'capture-requested', '-'],
  'authorised, to be voided': ['-', '-', '-', '-', 'payment-voided', '-', '-'],
  'authorised after it was voided': ['-', '-', '-', '-', 'payment-voided', '-', '-'],
  declined: ['-', '-', '-', 'payment-voided', '-', '! not-authorised', '-'],
  voided: ['-', '-', '-', '-', '-', '-', '-'],
  capturing: ['-', '-', '-', 'void-requested', '-', '-', 'payment-captured'],
  'capturing, to be voided': ['-', '-', '-', '-', 'payment-voided', '-', 'payment-captured refund-requested'],
  captured: ['-', '-', '-', 'void-requested refund-requested', '-', '-', '-'],
  refunding: ['-', '-', '-', 'void-requested refund-requested', '-', '-', '-'],
  'partly refunded': ['-', '-', '-', 'void-requested refund-requested', '-', '-', '-'],
};

describe('every decision in every life of a payment', () => {
  const cells = (Object.keys(LIVES) as Life[]).flatMap((life) =>
    Object.entries(DECISIONS).map(([name, decide], index) => [life, name, TABLE[life][index]!, decide] as const),
  );

  it.each(cells)('%s: %s → %s', (life, _, expected, decide) => {
    const decision = decide(LIVES[life]);
    const told = 'refused' in decision ? `! ${decision.refused}` : decision.map(({ type }) => type).join(' ') || '-';
    expect(told).toBe(expected);
  });
});

describe('asking for money', () => {
  it('records the terms', () => {
    expect(requestPayment(terms, true)).toEqual([facts.requested]);
  });

  it('declines at once when nobody knows the provider', () => {
    expect(requestPayment(terms, false).map(({ type }) => type)).toEqual(['payment-requested', 'payment-declined']);
  });
});

describe('refunding', () => {
  it.each<[string, Payment, number, boolean]>([
    ['all of it', LIVES.captured, 900, true],
    ['one unit too many', LIVES.captured, 901, false],
    ['what is left beside a refund under way', LIVES.refunding, 600, true],
    ['more than is left beside a refund under way', LIVES.refunding, 601, false],
    ['what a refused refund gave free again', evolve(LIVES.refunding, facts.refundRefused), 900, true],
    ['nothing', LIVES.captured, 0, false],
    ['what was only authorised', LIVES.authorised, 1, false],
  ])('%s', (_, payment, amount, allowed) => {
    const decision = requestRefund(payment, { refundId: OTHER, amount });
    expect('refused' in decision).toBe(!allowed);
  });

  it('is settled once', () => {
    expect(settleRefund(LIVES.refunding, REFUND, { kind: 'done' })).toEqual([facts.refunded]);
    expect(settleRefund(LIVES['partly refunded'], REFUND, { kind: 'done' })).toEqual([]);
    expect(settleRefund(LIVES.captured, REFUND, { kind: 'done' })).toEqual([]);
  });

  it('completes a void when all of the money is back, not earlier', () => {
    const wanted = requestVoid(LIVES.refunding, OTHER);
    expect(wanted.at(-1)).toEqual({ type: 'refund-requested', data: { refundId: OTHER, amount: 600 } });
    const voiding = wanted.reduce(evolve, LIVES.refunding);
    const first = settleRefund(voiding, OTHER, { kind: 'done' });
    expect(first.map(({ type }) => type)).toEqual(['payment-refunded']);
    const second = settleRefund(first.reduce(evolve, voiding), REFUND, { kind: 'done' });
    expect(second.map(({ type }) => type)).toEqual(['payment-refunded', 'payment-voided']);
  });
});

describe('the status of a payment', () => {
  it.each<[Life, string]>([
    ['requested', 'requested'],
    ['authorised', 'authorised'],
    ['declined', 'declined'],
    ['voided unseen', 'voided'],
    ['authorised after it was voided', 'voided'],
    ['captured', 'captured'],
    ['partly refunded', 'captured'],
  ])('%s: %s', (life, status) => {
    expect(statusOf(LIVES[life])).toBe(status);
  });

  it('is refunded when nothing is left', () => {
    const all: PaymentFact[] = [
      { type: 'refund-requested', data: { refundId: OTHER, amount: 600 } },
      { type: 'payment-refunded', data: { refundId: OTHER, amount: 600 } },
    ];
    expect(statusOf(all.reduce(evolve, LIVES['partly refunded']))).toBe('refunded');
  });
});

it.each([
  ['the customer', { id: terms.customerId, roles: [] }, true],
  ['an admin', { id: 'x', roles: ['admin'] }, true],
  ['an operator', { id: 'x', roles: ['operator'] }, true],
  ['somebody else', { id: 'x', roles: ['customer'] }, false],
])('%s sees it: %p', (_, who, visible) => {
  expect(isVisibleTo(terms, who)).toBe(visible);
});

describe('whatever happens in whatever order', () => {
  it.each(Array.from({ length: 200 }, (_, seed) => seed + 1))('the books balance (seed %i)', (seed) => {
    const random = randomFrom(seed);
    let payment = NO_PAYMENT;
    const told: PaymentFact[] = [];
    const balance = new Map<string, number>();
    const apply = (decision: PaymentFact[] | { refused: string }) => {
      for (const fact of 'refused' in decision ? [] : decision) {
        for (const { account, debit, credit } of journalOf(payment, fact)) {
          balance.set(account, (balance.get(account) ?? 0) + debit - credit);
        }
        payment = evolve(payment, fact);
        told.push(fact);
      }
    };
    for (let step = 0; step < 40; step++) {
      const refundId = `refund-${seed}-${step}`;
      const known = payment.refunds[Math.floor(random() * payment.refunds.length)]?.refundId ?? 'none';
      const deeds: (() => PaymentFact[] | { refused: string })[] = [
        () => (payment.authorisation === 'none' && !payment.voided ? requestPayment(terms, true) : []),
        ...Object.values(DECISIONS).map((decide) => () => decide(payment)),
        () => requestRefund(payment, { refundId, amount: 1 + Math.floor(random() * 500) }),
        () => settleRefund(payment, known, { kind: 'done' }),
        () => settleRefund(payment, known, { kind: 'refused', because: 'x' }),
      ];
      apply(deeds[Math.floor(random() * deeds.length)]!());

      const refunded = payment.refunds
        .filter(({ status }) => status === 'refunded')
        .reduce((sum, { amount }) => sum + amount, 0);
      const books = {
        sum: [...balance.values()].reduce((sum, amount) => sum + amount, 0),
        held: balance.get('held-funds') ?? 0,
        receivable: balance.get('provider-receivable') ?? 0,
        limits: payment.captured <= 900 && refundableOf(payment) >= 0,
      };
      expect(books).toEqual({ sum: 0, held: payment.held, receivable: payment.captured - refunded, limits: true });
    }
    for (const once of ['payment-authorised', 'payment-declined', 'payment-captured']) {
      expect(told.filter(({ type }) => type === once).length).toBeLessThanOrEqual(1);
    }
  });
});

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

it('remembers a refusal of its own, which moves no money and is never taken back', () => {
  const wish = { refundId: OTHER, amount: 901 };
  const refusal = requestRefund(LIVES.captured, wish);
  if (!('refused' in refusal)) throw new Error('901 of 900 were granted');
  const facts = refuseRefund(wish, refusal);
  const after = facts.reduce(evolve, LIVES.captured);
  expect(after.refunds).toEqual([
    { refundId: OTHER, amount: 901, status: 'refused', refusedBecause: 'at most 900 can be refunded' },
  ]);
  expect(refundableOf(after)).toBe(900);
  expect(facts.flatMap((fact) => journalOf(LIVES.captured, fact))).toEqual([]);
  expect(settleRefund(after, OTHER, { kind: 'done' })).toEqual([]);
});
