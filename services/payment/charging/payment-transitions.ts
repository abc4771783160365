import { type Instant, plusMillis } from '../../shared/time.ts';
import type { AttemptOutcome, DecidedOutcome, Payment } from '../payment.ts';

/**
 * The payment at its next attempt: the same intent, with the methods that the customer has by then.
 */
export const nextAttempt = (payment: Payment, attempt: number, attemptAt: Instant, now: Instant): Payment => ({
  ...payment,
  status: 'processing',
  step: 'charge',
  attempt,
  attemptAt,
  processingSince: now,
  lastSentAt: null,
  pendingSince: null,
  lookAt: null,
  methods: null,
  refusals: [],
  cancelOwed: false,
  clientSecret: null,
  category: null,
  declineCode: null,
  settledAt: null,
});

/**
 * The payment after another source of funds paid a part: its next attempt makes an intent over the
 * rest.
 */
export const reduced = (payment: Payment, amount: number): Payment => ({
  ...payment,
  amount,
  intentId: null,
  superseded: [...(payment.superseded ?? []), { intentId: payment.intentId, amount: payment.amount, gateway: payment.gateway }],
});

/** The payment after the customer has authenticated: the attempt that waited continues. */
export const authenticated = (payment: Payment, attemptAt: Instant, now: Instant): Payment => ({
  ...payment,
  status: 'processing',
  step: 'authentication',
  attemptAt,
  processingSince: now,
  settledAt: null,
});

/** System time between two look-ups of a pending payment; a webhook usually comes first. */
const lookUpIntervalMillis = 3_600_000;
export const nextLookUp = (now: Instant): Instant => plusMillis(now, lookUpIntervalMillis);

type PendingOutcome = Extract<AttemptOutcome, { kind: 'succeeded' | 'pending' }>;

/**
 * The payment while it is pending at the bank: still `processing`, and only looked up from then on.
 * This is published too, so it takes a sequence of its own.
 */
const pending = (payment: Payment, { intentId, gateway, paymentMethodId }: PendingOutcome, at: Instant, now: Instant): Payment => ({
  ...payment,
  step: 'pending',
  sequence: payment.sequence + 1,
  decided: null,
  intentId,
  gateway,
  paymentMethodId,
  pendingSince: at,
  lookAt: nextLookUp(now),
});

type FinalOutcome = AttemptOutcome & { readonly kind: 'succeeded' | 'declined' | 'action-required' };

/**
 * The payment after an outcome, one sequence further. A failed payment of a closed invoice becomes
 * `cancelled` only after its event is published.
 */
export function settled(payment: Payment, outcome: FinalOutcome, at: Instant): Payment {
  const declined = outcome.kind === 'declined';
  return {
    ...payment,
    status: outcome.kind,
    sequence: payment.sequence + 1,
    decided: null,
    intentId: outcome.intentId,
    gateway: outcome.gateway,
    lookAt: null,
    clientSecret: outcome.kind === 'action-required' ? outcome.clientSecret : null,
    paymentMethodId: outcome.kind === 'succeeded' ? (outcome.paymentMethodId ?? payment.paymentMethodId) : null,
    category: declined ? outcome.category : outcome.kind === 'action-required' ? 'action-required' : null,
    declineCode: declined ? outcome.code : null,
    settledAt: at,
  };
}

/** The payment after any outcome. `at` is domain time, `now` system time. */
export const afterOutcome = (payment: Payment, outcome: AttemptOutcome, at: Instant, now: Instant): Payment =>
  outcome.kind === 'pending' ? pending(payment, outcome, at, now) : settled(payment, outcome as FinalOutcome, at);

/**
 * The payment with an outcome that is fixed and not published yet. One that had ended otherwise,
 * and was paid after all, is `processing` again until its success is published. `now` is system
 * time.
 */
export const decidedOn = (payment: Payment, decided: DecidedOutcome, now: Instant): Payment =>
  payment.status === 'processing'
    ? { ...payment, decided }
    : {
        ...payment,
        status: 'processing',
        step: 'authentication',
        processingSince: now,
        lookAt: null,
        cancelOwed: false,
        settledAt: null,
        decided,
      };
