import { type Instant, millisOf } from '../../shared/time.ts';
import type { Gateway, GatewayOutcome } from '../gateways/gateway.ts';
import { type Gateways, gatewayOf } from '../gateways/gateways.ts';
import type { AttemptOutcome, Payment } from '../payment.ts';
import { attemptOutcome, intentCancelled, isUnsettled, type Unsettled } from './attempt-outcome.ts';

/**
 * The reference of an intent at its gateway: the invoice, and a number if its amount was changed.
 */
export const referenceOf = ({ invoiceId, superseded = [] }: Payment): string =>
  superseded.length === 0 ? invoiceId : `${invoiceId}.${superseded.length + 1}`;

/** Gateways forget idempotency keys after 24 h; after this time an outcome is only looked up. */
export const keyLifetimeMillis = 23 * 3_600_000;

/** Requests sent more often than this are noted once. */
const noteSentMillis = 60_000;
/** Time after which a request that was sent can no longer arrive at its gateway. */
const arrivalMillis = { ofClosedInvoice: 10 * 60_000, ofForgottenKey: 3_600_000 };

type Sent = { readonly lastSentAt?: Instant | null; readonly processingSince: Instant };
const sentAt = ({ lastSentAt, processingSince }: Sent): Instant | null => (lastSentAt === undefined ? processingSince : lastSentAt);

/** True where the next request has to be noted before it is sent. `now` is system time. */
export const mustNoteSending = ({ lastSentAt }: Sent, now: Instant): boolean =>
  !lastSentAt || millisOf(now) - millisOf(lastSentAt) >= noteSentMillis;

/** True where a request that was sent may still arrive, so that "absent" says nothing yet. */
export function mayStillArrive(sent: Sent, now: Instant, afterMillis = arrivalMillis.ofForgottenKey): boolean {
  const at = sentAt(sent);
  return at !== null && millisOf(now) - millisOf(at) < afterMillis + noteSentMillis;
}

const byWeight: readonly string[] = ['succeeded', 'pending', 'action-required', 'declined', 'cancelled'];

/**
 * Looks up the outcome of an attempt whose keys may be forgotten. Nothing is sent, so nothing can
 * be charged twice. Every gateway that the attempt may have reached is queried, and a success at
 * any of them counts most.
 */
export async function lookUp(gateways: Gateways, payment: Payment, now: Instant): Promise<AttemptOutcome | Unsettled> {
  const names = new Set([payment.gateway, ...(payment.methods ?? []).map(({ gateway }) => gateway)]);
  const found = await Promise.all([...names].map((name) => lookUpAt(gatewayOf(gateways, name), payment, now)));
  const unsettled = found.find(({ outcome }) => isUnsettled(outcome));
  if (unsettled) return unsettled.outcome as Unsettled;
  const weightiest = byWeight.flatMap((kind) => found.filter(({ outcome }) => outcome.kind === kind))[0];
  if (!weightiest) return { kind: 'declined', intentId: null, gateway: payment.gateway, category: 'soft', code: 'never_received' };
  return attemptOutcome(weightiest.outcome as Exclude<GatewayOutcome, Unsettled>, null, weightiest.gateway);
}

/** The intent that is stored, or the one that took its place where that is cancelled. */
async function lookUpAt(gateway: Gateway, payment: Payment, now: Instant) {
  const reference = { reference: referenceOf(payment), customerId: payment.customerId };
  const stored = gateway.name === payment.gateway ? payment.intentId : null;
  const outcome = await gateway.lookUp(reference, stored, now);
  const latest = stored !== null && outcome.kind === 'cancelled' ? await gateway.lookUp(reference, null, now) : outcome;
  return { gateway: gateway.name, outcome: latest.kind === 'absent' ? outcome : latest };
}

/**
 * Looks up the outcome of an attempt that is not repeated any more. Only money that has moved
 * counts immediately: while a request that was sent may still arrive at a gateway, an intent that
 * is absent or declined there is no outcome (`in-progress`). A test clock moves no real money, and
 * waits for nothing. `now` is domain time, `systemNow` system time.
 */
export async function lookUpAttempt(
  gateways: Gateways,
  payment: Payment,
  now: Instant,
  systemNow: Instant,
): Promise<AttemptOutcome | Unsettled> {
  const outcome = await lookUp(gateways, payment, now);
  const { step, testClock, cancelAsked } = payment;
  if (isUnsettled(outcome) || outcome.kind === 'succeeded' || outcome.kind === 'pending') return outcome;
  // Nothing is collected for a closed invoice any more, so nothing is retried either.
  if (cancelAsked && outcome.kind === 'declined' && outcome.code === intentCancelled) return { ...outcome, category: 'hard' };
  if (step !== 'charge' || testClock !== null) return outcome;
  const afterMillis = cancelAsked ? arrivalMillis.ofClosedInvoice : arrivalMillis.ofForgottenKey;
  return mayStillArrive(payment, systemNow, afterMillis) ? { kind: 'in-progress' } : outcome;
}

/** A success at a gateway; `amount` in minor units where it is that of an earlier intent. */
export type FoundSuccess = { readonly outcome: AttemptOutcome; readonly amount?: number };

/**
 * Looks for a success of a payment that has ended otherwise here: at its intent, and at those over
 * another amount. Undefined where the gateways have none.
 */
export async function findSuccess(gateways: Gateways, payment: Payment, now: Instant): Promise<FoundSuccess | Unsettled | undefined> {
  const outcome = await lookUp(gateways, payment, now);
  if (isUnsettled(outcome)) return outcome;
  if (outcome.kind === 'succeeded') return { outcome };
  for (const { intentId, amount, gateway } of payment.superseded ?? []) {
    if (intentId === null) continue;
    const earlier = { reference: payment.invoiceId, customerId: payment.customerId };
    const found = await gatewayOf(gateways, gateway).lookUp(earlier, intentId, now);
    if (isUnsettled(found)) return found;
    if (found.kind === 'succeeded') return { outcome: { ...found, gateway, paymentMethodId: null }, amount };
  }
  return undefined;
}
