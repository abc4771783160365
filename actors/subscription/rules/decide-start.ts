import { equal } from '../../../services/shared/equal.ts';
import { plusLocalDays } from '../../../services/shared/local-time.ts';
import { accept, type Rejection, type Result, reject } from '../../../services/shared/result.ts';
import type { Instant } from '../../../services/shared/time.ts';
import { end } from './decide-cancel.ts';
import { change, commitmentFrom } from './decide-change.ts';
import { paidIfFree } from './decide-payment.ts';
import { evolve, fold } from './evolve.ts';
import { anchorAtStart, chargesFrom, periodInvoice } from './invoice.ts';
import type { Subscription, SubscriptionCommand, SubscriptionEvent } from './subscription.ts';
import { isInArrears, termsRejection } from './terms-checks.ts';

type Start = Extract<SubscriptionCommand, { type: 'start' }>;
type Change = Extract<SubscriptionCommand, { type: 'change' }>;
type Reactivate = Extract<SubscriptionCommand, { type: 'reactivate' }>;

/**
 * Creates a subscription and, unless it starts later, begins its trial or its billing. A start in
 * the past begins there and catches up one period at a time. A repeat of the same request changes
 * nothing.
 */
export function start(state: Subscription | undefined, command: Start, now: Instant): Result<SubscriptionEvent[]> {
  if (state !== undefined)
    return isSameStart(state, command)
      ? accept([])
      : reject('already-exists', `A subscription with the id ${state.id} already exists with different data.`);
  const rejection = termsRejection(command.terms) ?? downgradeRejection(command);
  if (rejection !== undefined) return { ok: false, rejection };
  if (command.endsAt !== null && command.endsAt <= (command.startAt ?? now))
    return reject('ends-too-early', 'The end of the fixed term must be after its start.', '/endsAt');
  const { type, anchor, startAt, ...terms } = command;
  const created: SubscriptionEvent = { type: 'subscription.created', at: now, ...terms, startAt: startAt ?? now, requestedAnchor: anchor };
  const scheduled = evolve(undefined, created);
  return accept(scheduled.startAt > now ? [created] : [created, ...begin(scheduled, now)]);
}

/**
 * Checks the plan to downgrade to: it must be known from the start and priced in the same currency.
 */
function downgradeRejection({ policy: { finalAction, downgradeTo }, terms }: Start): Rejection | undefined {
  if (finalAction !== 'downgrade') return undefined;
  const pointer = '/policy/downgradeTo';
  if (downgradeTo === undefined)
    return { code: 'downgrade-missing', message: 'The policy must name the plan that the subscription is downgraded to.', pointer };
  if (downgradeTo.plan.price.currency !== terms.plan.price.currency)
    return {
      code: 'currency-mismatch',
      message: `The plan to downgrade to must be priced in ${terms.plan.price.currency}, like the subscription.`,
      pointer,
    };
  return termsRejection(downgradeTo);
}

/**
 * Whether a start repeats the first one. It compares the data that cannot change later and the
 * current terms, so after a change of plan the first request is a different one. Coupons are not
 * compared, as they are used up.
 */
function isSameStart(state: Subscription, { type, anchor, startAt, hasPaymentMethod, coupons, ...command }: Start): boolean {
  const { customerId, endsAt, id, policy, prorationUnit, requestedAnchor, terms, timezone, trialDays } = state;
  if (startAt !== null && startAt !== state.startAt) return false;
  const requested = { ...command, anchor };
  return equal({ customerId, endsAt, id, policy, prorationUnit, terms, timezone, trialDays, anchor: requestedAnchor }, requested);
}

/**
 * Begins the trial, which lasts local calendar days and keeps the time of day, or else the first
 * period.
 */
export function begin(state: Subscription, now: Instant): SubscriptionEvent[] {
  if (state.trialDays === 0) return startBilling(state, state.startAt, now);
  return [{ type: 'subscription.trial-started', at: now, trialEnd: plusLocalDays(state.startAt, state.trialDays, state.timezone) }];
}

/**
 * Billing starts where the trial ends. Without a payment method the subscription expires there,
 * without an invoice.
 */
export function endTrial(state: Subscription, trialEnd: Instant, now: Instant): SubscriptionEvent[] {
  if (state.hasPaymentMethod) return startBilling(state, trialEnd, now);
  return [end(state, 'expired', 'trial-without-payment-method', trialEnd, now)];
}

/**
 * A change; with `trial: 'end'` one that takes effect in a trial ends it, and the new terms are
 * billed from now on. By default a trial keeps its end.
 */
export function changeAndTrial(state: Subscription, command: Change, now: Instant): Result<readonly SubscriptionEvent[]> {
  const decision = change(state, command, now);
  if (!decision.ok || command.trial !== 'end' || state.status !== 'trialing') return decision;
  const changed = fold(decision.value, state);
  if (!equal(changed.terms, command.terms)) return decision;
  if (!state.hasPaymentMethod) return reject('payment-method-required', 'A payment method is required to end the trial.');
  return accept([...decision.value, ...endTrial(changed, now, now)]);
}

/**
 * The first period and, except in arrears, its invoice: a full period from the instant billing
 * starts, or a stub up to the requested day.
 */
function startBilling(state: Subscription, from: Instant, now: Instant): SubscriptionEvent[] {
  const { terms } = state;
  const anchor = anchorAtStart(state, from);
  const charges = chargesFrom(state, terms, anchor, from, 0);
  const period = { ...charges.period, number: (state.period?.number ?? 0) + 1 };
  const invoice = isInArrears(state) ? null : periodInvoice(state, 'first', period.number, charges);
  const commitment = commitmentFrom(state, terms, anchor, from);
  const afterTrial = state.trialEnd !== null;
  return paidIfFree(state, { type: 'subscription.started', at: now, anchor, period, invoice, afterTrial, commitment }, now);
}

/**
 * Restarts an ended subscription: billing starts now, without a trial, and its periods continue to
 * count.
 */
export function reactivate(state: Subscription, command: Reactivate, now: Instant): Result<SubscriptionEvent[]> {
  if (state.status === 'incomplete-expired')
    return reject('wrong-status', `The subscription ${state.id} was never activated. Create a new one.`);
  const terms = command.terms ?? state.terms;
  const rejection = termsRejection(terms);
  if (rejection !== undefined) return { ok: false, rejection };
  const { hasPaymentMethod } = command;
  const reactivated: SubscriptionEvent = { type: 'subscription.reactivated', at: now, terms, hasPaymentMethod };
  return accept([reactivated, ...begin(evolve(state, reactivated), now)]);
}
