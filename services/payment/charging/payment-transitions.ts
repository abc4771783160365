import { type Instant, plusMillis } from '../../shared/time.ts';
import type { AttemptOutcome, Payment } from '../payment.ts';

/** The same intent once more, with the customer's methods as they are by then. */
export const nextAttempt = (payment: Payment, attempt: number, attemptAt: Instant, now: Instant): Payment => ({
  ...payment,
  status: 'processing',
  step: 'charge',
  attempt,
  attemptAt,
  processingSince: now,
  pendingSince: null,
  lookAt: null,
  methods: null,
  cancelOwed: false,
  clientSecret: null,
  category: null,
  declineCode: null,
  settledAt: null,
});

/** Something else has paid a part: the next attempt asks for the rest, by an intent of its own. */
export const reduced = (payment: Payment, amount: number): Payment => ({
  ...payment,
  amount,
  intentId: null,
  superseded: [...(payment.superseded ?? []), { intentId: payment.intentId, amount: payment.amount, gateway: payment.gateway }],
});

/** The customer has authenticated: the attempt that waited for it goes on. */
export const authenticated = (payment: Payment, attemptAt: Instant, now: Instant): Payment => ({
  ...payment,
  status: 'processing',
  step: 'authentication',
  attemptAt,
  processingSince: now,
  settledAt: null,
});

/** Between two looks at what a bank takes days for: a webhook is sooner. */
const lookEveryMillis = 3_600_000;
export const nextLook = (now: Instant): Instant => plusMillis(now, lookEveryMillis);

/** The payment while the bank has it: still `processing`, and only looked up from here on. That is told too: one sequence further. */
export const pending = (
  payment: Payment,
  { intentId, gateway, paymentMethodId }: Extract<AttemptOutcome, { kind: 'succeeded' | 'pending' }>,
  at: Instant,
  now: Instant,
): Payment => ({
  ...payment,
  step: 'pending',
  sequence: payment.sequence + 1,
  intentId,
  gateway,
  paymentMethodId,
  pendingSince: at,
  lookAt: nextLook(now),
});

/** The payment after an outcome: one sequence further. A failed one that was to be cancelled is `cancelled` only after its event is out. */
export function settled(payment: Payment, outcome: Exclude<AttemptOutcome, { kind: 'pending' }>, at: Instant): Payment {
  const declined = outcome.kind === 'declined';
  return {
    ...payment,
    status: outcome.kind as Exclude<typeof outcome.kind, 'pending'>,
    sequence: payment.sequence + 1,
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
